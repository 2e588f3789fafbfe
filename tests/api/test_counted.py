"""Faults of the agent itself are counted where they happen, whatever is answered, and nobody else's."""

import contextlib
from typing import Any

import pytest
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from store_agent.api.counted import Counted
from tests.support.sales import sale
from tests.support.served import Served
from tests.watching.exposition import read_text, value

LOOKUP, SALES = "/api/2.0/lookup", "/api/2.0/send_transaction"


async def fail(*_: Any) -> Any:
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


async def run(inside: Any) -> tuple[list[int], int]:
    """Give the statuses that were heard of, and how many faults."""
    statuses: list[int] = []
    failed: list[None] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(_: Message) -> None:
        pass

    counted = Counted(inside, statuses.append, lambda: failed.append(None))
    with contextlib.suppress(ZeroDivisionError):
        await counted({"type": "http", "path": "/x"}, receive, send)
    return statuses, len(failed)


async def test_a_500_that_the_platform_gave_is_no_fault_of_the_agent() -> None:
    assert await run(Response(b"{}", 500)) == ([500], 0)


async def test_what_escapes_the_application_is_a_fault_even_without_an_answer() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise ZeroDivisionError

    assert await run(broken) == ([], 1)
