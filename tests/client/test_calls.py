"""Requests as they are built, without any connection."""

import base64
import json
from decimal import Decimal
from typing import Any

import pytest

from store_agent.client import AgentClient, Answer, Call, Calls, OutcomeUnknown, Timeouts
from tests.support.sales import sale

calls = Calls("lane-1", "token-1", Timeouts(counter_seconds=4, sale_seconds=10), {"culture": "de-DE"})
SALE = {"transaction_id": "T-1", "subtotal": Decimal("9.50")}


def payload(call: Any) -> Any:
    return json.loads(call.request.body)["request_payload"]


def test_a_sale_is_put_into_the_container_with_every_digit() -> None:
    request = calls.send_transaction(SALE).request
    assert (request.method, request.path, request.answer_seconds) == ("POST", "/api/2.0/send_transaction", 10)
    assert request.body == (b'{"culture": "de-DE", "request_payload": {"transaction_id": "T-1", "subtotal": 9.50}}')
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Authorization"] == "Basic " + base64.b64encode(b"lane-1:token-1").decode()


def test_the_same_arguments_make_the_same_bytes() -> None:
    first = calls.lock(SALE, user_offer_id="O-1").request
    assert first == calls.lock(dict(SALE), user_offer_id="O-1").request


def test_each_call_has_its_path_and_payload() -> None:
    made: dict[str, tuple[Call[Any], Any]] = {
        "send_batch_transaction": (
            calls.send_transactions([SALE]),
            {"transactions": [{"transaction_id": "T-1", "subtotal": 9.5}]},
        ),
        "unlock": (calls.unlock("O-1", "1000"), {"user_offer_id": "O-1", "employee_id": "1000"}),
        "reinstate": (calls.reinstate("O-1", "1000"), {"user_offer_id": "O-1", "employee_id": "1000"}),
        "upload_catalog": (calls.upload_catalog([{"item_id": "1"}]), {"items": [{"item_id": "1"}]}),
        "upload_employees": (calls.upload_employees([{"employee_id": "1"}]), {"employees": [{"employee_id": "1"}]}),
        "lookup": (calls.lookup(phone="555"), {"phone": "555"}),
    }
    for endpoint, (call, expected) in made.items():
        assert (call.request.path, payload(call)) == (f"/api/2.0/{endpoint}", expected)


def test_codes_before_a_sale_are_asked_for_by_its_payments() -> None:
    request = calls.mint_receipts("T-1", ("P1", "P2")).request
    assert (request.method, request.path, request.answer_seconds) == ("POST", "/v1/receipts", 10)
    assert json.loads(request.body) == {"transaction_id": "T-1", "payments": ["P1", "P2"]}


def test_codes_of_another_sale_are_not_taken() -> None:
    receipt = {"payment_id": None, "code": "c-1", "url": None}
    for payload in (None, {}, {"transaction_id": "T-2", "receipts": [receipt]}):
        body = json.dumps({"status": "OK", "payload": payload, "errors": None}).encode()
        with pytest.raises(OutcomeUnknown):
            calls.mint_receipts("T-1").read(Answer(200, {"content-type": "application/json"}, body))


def test_an_offer_is_named_by_its_id_or_by_the_code_that_the_guest_shows() -> None:
    by_id, by_code = calls.lock(SALE, user_offer_id="O-1"), calls.redeem(SALE, ttl_code="410001")
    assert (payload(by_id)["offer_lookup_type"], payload(by_id)["offer_lookup_code"]) == ("UserOfferId", "O-1")
    assert (payload(by_code)["offer_lookup_type"], payload(by_code)["offer_lookup_code"]) == ("TTLCode", "410001")
    assert payload(by_code)["transaction"]["transaction_id"] == "T-1"


def test_remembered_guests_are_asked_for_beside_the_payload() -> None:
    body = json.loads(calls.lookup(email="n@example.com", transaction=SALE, allow_remembered=True).request.body)
    assert body["allow_remembered"] is True
    assert set(body["request_payload"]) == {"email", "transaction"}
    assert "allow_remembered" not in json.loads(calls.lookup(email="n@example.com").request.body)


def test_numbers_of_cards_cannot_leave_their_place_in_the_path() -> None:
    assert calls.scan_card("80/../x?y=1#z").request.path == "/priv/v1/apps/-/loyalty_cards/80%2F..%2Fx%3Fy%3D1%23z"


@pytest.mark.parametrize(
    "build",
    [
        calls.lookup,
        lambda: calls.lookup(email="n@example.com", phone="555"),
        lambda: calls.lookup(email=""),
        lambda: calls.lock(SALE),
        lambda: calls.redeem(SALE, user_offer_id="O-1", ttl_code="1"),
        lambda: calls.send_transaction({"subtotal": 1}),
        lambda: calls.send_transactions([{"transaction_id": ""}]),
    ],
)
def test_what_can_never_be_right_is_not_built(build: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each has its own words
        build()


def test_floats_never_leave_the_till() -> None:
    with pytest.raises(TypeError, match="subtotal is the float"):
        calls.send_transaction(sale())


def test_a_token_is_shown_by_nothing() -> None:
    secret = base64.b64encode(b"lane-1:token-1").decode()
    with AgentClient("http://127.0.0.1:1", "lane-1", "token-1") as client:
        shown = f"{client!r} {calls.status()!r} {calls.status().request!r}"
    assert "token-1" not in shown
    assert secret not in shown


def test_what_is_to_be_rendered_is_asked_for_with_every_sale() -> None:
    asking = Calls("lane-1", "token-1", Timeouts(), {}, {"render": "escpos", "width": "58"})
    assert asking.send_transaction(SALE).request.path == "/api/2.0/send_transaction?render=escpos&width=58"
    assert asking.send_transactions([SALE]).request.path == "/api/2.0/send_batch_transaction?render=escpos&width=58"
    assert asking.send_written("T-1", b"{}").request.path == "/api/2.0/send_transaction?render=escpos&width=58"
    assert asking.lookup(phone="555").request.path == "/api/2.0/lookup"


def test_what_cannot_be_rendered_is_refused_before_a_sale_is_asked_for() -> None:
    spelt = Calls("lane-1", "token-1", Timeouts(), {}, {"render": "ESCPOS", "width": 58, "native": False})
    assert spelt.send_transaction(SALE).request.path.endswith("?render=escpos&width=58&native=false")
    wrong_ones: list[dict[str, str | int | bool]] = [{"render": "gif"}, {"width": 57}, {"Render": "svg"}]
    for wrong in wrong_ones:
        with pytest.raises(ValueError, match="render has no"):
            Calls("lane-1", "token-1", Timeouts(), {}, wrong)
