"""Faults of the agent itself are counted where they happen, whatever is answered, and nobody else's."""

import contextlib
from collections import Counter
from typing import Any

import pytest
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from store_agent.api.bugs import TOLD_BURST
from store_agent.api.counted import Counted
from tests.support.sales import sale
from tests.support.served import Served
from tests.watching.exposition import read_text, value

LOOKUP, SALES = "/api/2.0/lookup", "/api/2.0/send_transaction"


async def fail(*_: Any) -> Any:
    raise ZeroDivisionError


async def fail_otherwise(*_: Any) -> Any:
    raise ZeroDivisionError


async def faults(served: Served) -> float:
    return value(read_text((await served.cashier.get("/metrics")).text), "store_agent_faults_total")


async def test_a_fault_counts_once_on_every_kind_of_route(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served.intake, "accept", fail)
    monkeypatch.setattr(served.outbox, "page", fail)
    assert await faults(served) == 0
    statuses = [
        (await served.cashier.post(SALES, json={"request_payload": sale("T-1")})).status_code,
        (await served.cashier.post(LOOKUP, json={"request_payload": {"email": "a@example.com"}})).status_code,
        (await served.manager.get("/v1/outbox")).status_code,
    ]
    assert statuses == [500, 500, 500]
    assert await faults(served) == 3
    assert (await served.cashier.post(SALES, json={"request_payload": {}})).status_code == 400
    assert await faults(served) == 3


async def test_a_fault_that_is_repeated_does_not_fill_the_log_G11(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served.outbox, "page", fail)
    with capture_logs([merge_contextvars]) as told:
        for number in range(20):
            assert (await served.manager.get("/v1/outbox", params={"after": number})).status_code == 500
        monkeypatch.setattr(served.intake, "accept", fail_otherwise)
        assert (await served.cashier.post(SALES, json={"request_payload": sale("T-1")})).status_code == 500
    assert {one["event"] for one in told} == {"api.bug"}
    assert Counter(one["log_level"] for one in told) == {"error": TOLD_BURST + 1, "debug": 20 - TOLD_BURST}
    assert (told[-1]["log_level"], told[-1]["terminal"], told[-1]["transaction_id"]) == ("error", "lane-1", "T-1")
    assert await faults(served) == 21


async def run(inside: Any) -> tuple[list[int], int]:
    """Give the statuses that were heard of, and how many faults."""
    statuses: list[int] = []
    failed: list[Scope] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(_: Message) -> None:
        pass

    counted = Counted(inside, statuses.append, failed.append)
    with contextlib.suppress(ZeroDivisionError):
        await counted({"type": "http", "path": "/x"}, receive, send)
    return statuses, len(failed)


async def test_a_500_that_the_platform_gave_is_no_fault_of_the_agent() -> None:
    assert await run(Response(b"{}", 500)) == ([500], 0)


async def test_what_escapes_the_application_is_a_fault_even_without_an_answer() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise ZeroDivisionError

    assert await run(broken) == ([], 1)
