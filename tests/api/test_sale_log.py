"""What the log says of sales at the door: each refusal once, with whose it is, and nothing of others."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from structlog.contextvars import get_contextvars, merge_contextvars
from structlog.testing import capture_logs

from store_agent.api import sale_log
from store_agent.api.sale_log import SaleLog, names_in
from store_agent.clock import SystemClock
from store_agent.cloud.sessionm.noted import note_call
from store_agent.cloud.sessionm.observer import Call
from store_agent.domain.outcome import Delivered
from store_agent.errors import BadInput, Busy, FieldError
from tests.support.sales import sale
from tests.support.served import Served

Told = list[Any]


@pytest.fixture
def told() -> Iterator[Told]:
    with capture_logs([merge_contextvars]) as logged:
        yield logged


def seen(told: Told) -> list[tuple[str, str, str | None, str | None]]:
    return [(one["event"], one["log_level"], one.get("terminal"), one.get("transaction_id")) for one in told]


def call(*sales: dict[str, Any], **container: Any) -> str:
    payload = {"transactions": sales} if len(sales) > 1 else sales[0]
    return json.dumps({**container, "request_payload": payload})


async def post(client: httpx.AsyncClient, body: str) -> int:
    endpoint = "send_batch_transaction" if '"transactions"' in body else "send_transaction"
    answer = await client.post(f"/api/2.0/{endpoint}", content=body, headers={"Content-Type": "application/json"})
    return answer.status_code


async def test_each_refusal_is_told_once_with_its_terminal_and_sale(served: Served, told: Told) -> None:
    for name in ("T-1", "T-1", "T-2"):
        assert await post(served.cashier, call(sale(name, subtotal="much"), request_id="P-1")) == 400
    assert await post(served.manager, call(sale("T-1", subtotal="much"))) == 400
    assert await post(served.cashier, call(sale("T-3"), sale("T-4", subtotal="much"))) == 400
    assert await post(served.cashier, "{") == 400
    assert seen(told) == [
        ("sale.refused", "warning", "lane-1", "T-1"),
        ("sale.refused", "debug", "lane-1", "T-1"),
        ("sale.refused", "warning", "lane-1", "T-2"),
        ("sale.refused", "warning", "manager", "T-1"),
        ("sale.refused", "warning", "lane-1", "T-4"),
        ("sale.refused", "warning", "lane-1", None),
    ]
    assert told[0]["pos_request_id"] == "P-1"
    assert "request_payload.subtotal must be a number" in told[0]["words"]


async def test_on_one_connection_each_line_names_the_caller_of_its_own_request(served: Served, told: Told) -> None:
    async with httpx.AsyncClient(base_url=served.cashier.base_url, trust_env=False) as anybody:
        for client, terminal in ((served.cashier, "lane-1"), (served.manager, "manager")):
            anybody.auth = client.auth or httpx.Auth()
            assert await post(anybody, call(sale(terminal))) == 200
            assert (told[-1]["event"], told[-1]["terminal"]) == ("sale.taken", terminal)
    assert len(told) == 2
    assert "terminal" not in get_contextvars()


@pytest.mark.parametrize(
    ("body", "path", "names"),
    [
        (call(sale("T-1"), request_id=7), "", {"pos_request_id": "7", "transaction_id": "T-1"}),
        (call(sale("T-1"), sale("T-2")), "request_payload.transactions.1.items.0.quantity", {"transaction_id": "T-2"}),
        (call(sale("T-1"), sale("T-2")), "request_payload.transactions.2", {}),
        (call(sale("T-1"), sale("T-2")), "request_payload.transactions", {}),
        (call(sale("T" * 99)), "", {"transaction_id": "T" * 63 + "…"}),
        ('{"request_id": ["x"], "request_payload": [1]}', "", {}),
        ("[1]", "", {}),
        ("{" * 100_000, "", {}),
        (" " * 300_000 + call(sale("T-1")), "", {}),
    ],
)
def test_names_are_found_as_far_as_a_body_can_be_read(body: str, path: str, names: dict[str, str]) -> None:
    assert names_in(body.encode(), path) == names


def test_what_is_remembered_of_refusals_is_bounded_G11(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sale_log, "REFUSED_MAX", 3)
    log = SaleLog(SystemClock())
    problem = BadInput("invalid_field", "It is wrong.", fields=(FieldError("x", "is wrong"),))
    for name in ("1", "2", "3", "1", "4", "1", "2"):
        log.refused("lane-1", call(sale(name)).encode(), problem)
    assert [one["log_level"] for one in told] == ["warning"] * 3 + ["debug", "warning", "debug", "warning"]
    assert len(log._refused) == 3


def test_a_pos_that_has_run_wild_does_not_fill_the_log_G11(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sale_log, "TOLD_BURST", 5)
    log = SaleLog(SystemClock())
    for terminal, count in (("lane-1", 50), ("lane-2", 1)):
        for number in range(count):
            log.refused(terminal, call(sale(f"T-{number}")).encode(), BadInput("invalid_field", "It is wrong."))
    assert Counter(one["log_level"] for one in told) == {"warning": 6, "debug": 45}
    assert told[-1]["log_level"] == "warning"


def test_what_the_agent_itself_lacks_is_told_elsewhere(told: Told) -> None:
    SaleLog(SystemClock()).refused("lane-1", b"{}", Busy("Too much waits."))
    assert seen(told) == [("sale.not_stored", "debug", None, None)]


@pytest.mark.parametrize("before", range(40, 66))
def test_a_name_is_masked_before_it_is_shortened_G16(before: int) -> None:
    body = json.dumps({"request_payload": {"transaction_id": "x" * before + " 4111 1111 1111 1111 abc"}})
    assert "11 1111" not in names_in(body.encode())["transaction_id"]


def test_the_paths_of_relayed_calls_are_not_logged_G16(told: Told) -> None:
    note_call(Call("GET core /priv/v1/apps/any/external/users/anna%40example.com/offers", "r-1"), Delivered(), 0.1)
    (line,) = told
    assert line["endpoint"] == "relayed"
    assert "anna" not in json.dumps(line)
