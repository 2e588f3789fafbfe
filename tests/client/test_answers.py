"""Answers of every kind, read without any connection."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_agent.client import (
    Age,
    AgentProblem,
    Answer,
    Call,
    Calls,
    FieldProblem,
    NotAllowed,
    NotNow,
    Offline,
    OutcomeUnknown,
    Refused,
    Timeouts,
)

calls = Calls("lane-1", "token-1", Timeouts(), {})
SALE = {"transaction_id": "T-1"}
LOOKUP, LOCK, SEND = calls.lookup(phone="5"), calls.lock(SALE, ttl_code="1"), calls.send_transaction(SALE)


def answer(container: Any, status: int = 200, **headers: str) -> Answer:
    body = container if isinstance(container, bytes) else json.dumps(container).encode()
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def ok(payload: Any, word: str = "OK") -> Answer:
    return answer({"status": word, "payload": payload, "errors": None})


def error(status: int, code: str, **headers: str) -> Answer:
    errors = {"code": code, "message": f"About {code}.", "fields": [{"path": "request_payload.x", "message": "odd"}]}
    return answer({"status": "Error", "payload": None, "errors": errors}, status, **headers)


OFFER = {"reference_id": "O-1", "status": "LOCKED", "display_name": "$5", "amount": 2.5, "stack_order": 0, "new": 1}
RECORDED = {
    "user_reference_id": "U-1",
    "partial_response": False,
    "first_name": "Nora",
    "points": 1250,
    "offers": [OFFER | {"status": "INFO", "amount": "0"}, {"display_name": "broken"}],
    "accounts": [
        {"AccountName": "Spendable", "GroupingLabel": "spend", "AvailableBalance": 12.34, "LifeTimeValue": ".35"}
    ],
}
DOCUMENTED = RECORDED | {
    "point_accounts": [
        {"account_name": "Spendable", "grouping_label": "spend", "available_balance": 12.34, "life_time_value": ".35"}
    ]
}


@pytest.mark.parametrize("found", [ok([RECORDED], "success"), ok({"users": [DOCUMENTED]}), ok({"users": [RECORDED]})])
def test_a_guest_is_read_as_recorded_and_as_documented(found: Answer) -> None:
    lookup = LOOKUP.read(found)
    (user,) = lookup.users
    assert (user.user_id, user.first_name, user.last_name, user.points) == ("U-1", "Nora", None, Decimal(1250))
    (offer,) = user.offers
    assert (offer.reference_id, offer.status, offer.amount, offer.raw["new"]) == ("O-1", "INFO", Decimal(0), 1)
    (account,) = user.point_accounts
    assert (account.account_name, account.grouping_label) == ("Spendable", "spend")
    assert (account.available_balance, account.life_time_value) == (Decimal("12.34"), Decimal("0.35"))
    assert lookup.remembered is None
    assert user.raw["partial_response"] is False


def test_nobody_found_is_a_value() -> None:
    assert LOOKUP.read(ok([])).users == ()


def test_a_remembered_guest_carries_its_age() -> None:
    remembered = {"age_seconds": 120, "as_of": "2026-11-21T20:00:00.000Z"}
    found = answer({"status": "OK", "payload": [RECORDED], "errors": None, "remembered": remembered}, age="120")
    assert LOOKUP.read(found).remembered == Age(120, "2026-11-21T20:00:00.000Z")


def test_a_discount_goes_into_the_sale_as_it_came() -> None:
    applied = LOCK.read(ok(OFFER))
    assert not applied.offline
    assert applied.discount.amount == Decimal("2.5")
    assert calls.send_transaction(SALE | {"discounts": [applied.discount.raw]}).request.body == (
        b'{"request_payload": {"transaction_id": "T-1", "discounts": [' + json.dumps(OFFER).encode() + b"]}}"
    )


@pytest.mark.parametrize("word", ["OFFLINE", "Offline"])
def test_an_offline_discount_says_so(word: str) -> None:
    assert LOCK.read(ok(OFFER | {"status": word})).offline


def test_a_queued_unlock_says_so() -> None:
    call = calls.unlock("O-1", "1000")
    queued = call.read(ok({"delivery": "queued", "sequence": 17}))
    assert (queued.queued, queued.sequence) == (True, 17)
    assert not call.read(ok(None)).queued


def test_a_taken_sale_tells_codes_and_warnings() -> None:
    payload = {
        "transaction": {"id": "T-1"},
        "sequence": 17,
        "digest": "ab",
        "delivery": "queued",
        "receipts": [{"payment_id": None, "code": "c-1", "url": "https://rewards.example.com/r/c-1"}],
        "warnings": [{"code": "odd", "message": "Odd.", "path": None}],
    }
    taken = SEND.read(ok(payload))
    assert (taken.transaction_id, taken.sequence, taken.queued) == ("T-1", 17, True)
    assert [(receipt.code, receipt.payment_id) for receipt in taken.receipts] == [("c-1", None)]
    assert [(warned.code, warned.path) for warned in taken.warnings] == [("odd", None)]
    assert taken.raw["digest"] == "ab"


@pytest.mark.parametrize(
    "payload", [None, {}, {"transaction": {"id": "T-2"}, "sequence": 1}, {"transaction": {"id": "T-1"}}]
)
def test_a_sale_is_only_taken_when_the_answer_names_it(payload: Any) -> None:
    with pytest.raises(OutcomeUnknown) as caught:
        SEND.read(ok(payload))
    assert caught.value.code == "bad_answer"


def test_a_batch_answers_for_each_sale() -> None:
    call = calls.send_transactions([SALE, {"transaction_id": "T-2"}])
    taken = [{"transaction": {"id": f"T-{number}"}, "sequence": number} for number in (1, 2)]
    assert [one.sequence for one in call.read(ok({"transactions": taken}))] == [1, 2]
    for wrong in (taken[:1], taken[::-1]):
        with pytest.raises(OutcomeUnknown):
            call.read(ok({"transactions": wrong}))


def test_a_scanned_card_tells_whose_it_is_and_how_old_that_is() -> None:
    card = {"id": 29, "user": {"external_id": "E-1", "available_points": 394160}, "number": "D1QM"}
    found = calls.scan_card("D1QM").read(answer({"status": "ok", "loyalty_card": card}, age="7"))
    assert (found.number, found.external_id, found.user_id) == ("D1QM", "E-1", None)
    assert (found.available_points, found.remembered) == (Decimal(394160), Age(7))


def test_a_starting_agent_has_a_status() -> None:
    starting = calls.status().read(ok({"words": ["The agent is starting."], "link": None, "outbox": None}))
    assert (starting.words, starting.link) == (("The agent is starting.",), None)
    assert calls.status().read(ok({"words": [], "link": {"state": "online"}})).link == "online"


@pytest.mark.parametrize(
    ("found", "reading", "changing"),
    [
        (error(503, "offline"), Offline, Offline),
        (error(503, "starting", retry_after="1"), NotNow, NotNow),
        (error(503, "busy"), NotNow, NotNow),
        (error(503, "halted"), NotNow, NotNow),
        (error(429, "throttled", retry_after="30"), NotNow, NotNow),
        (error(507, "disk_full"), NotNow, NotNow),
        (error(408, "body_timeout"), NotNow, NotNow),
        (error(503, "unknown"), NotNow, OutcomeUnknown),
        (error(503, "retry"), NotNow, OutcomeUnknown),
        (error(502, "bad_answer"), NotNow, OutcomeUnknown),
        (error(500, "internal"), NotNow, OutcomeUnknown),
        (error(400, "invalid_field"), Refused, Refused),
        (error(409, "offline_limit"), Refused, Refused),
        (error(404, "not_found"), Refused, Refused),
        (error(200, "offer_locked"), Refused, Refused),
        (error(401, "unauthorized"), NotAllowed, NotAllowed),
        (error(403, "forbidden"), NotAllowed, NotAllowed),
        (answer(b"<html>Sign in</html>"), NotNow, OutcomeUnknown),
        (answer(b"<html>Not found</html>", 404), NotNow, NotNow),
        (answer(b"<html>Bad gateway</html>", 502), NotNow, OutcomeUnknown),
        (answer(b"<html>Who?</html>", 401), NotAllowed, NotAllowed),
        (answer(b"[]"), NotNow, OutcomeUnknown),
        (ok("what"), NotNow, OutcomeUnknown),
    ],
)
def test_a_problem_is_named_for_what_to_do(
    found: Answer, reading: type[AgentProblem], changing: type[AgentProblem]
) -> None:
    for call, expected in ((LOOKUP, reading), (LOCK, changing)):
        with pytest.raises(AgentProblem) as caught:
            call.read(found)
        assert type(caught.value) is expected
        assert caught.value.status == found.status


def test_a_problem_carries_what_was_said() -> None:
    with pytest.raises(NotNow) as caught:
        SEND.read(error(429, "throttled", retry_after="30"))
    problem = caught.value
    assert (problem.code, str(problem), problem.retry_after) == ("throttled", "About throttled.", 30.0)
    assert problem.fields == (FieldProblem("request_payload.x", "odd"),)


@pytest.mark.parametrize(
    "said",
    [
        {"status": "error", "error": {"code": "unknown_loyalty_card", "message": "Unknown"}},
        {"status": "error", "errors": [{"code": "unknown_loyalty_card"}]},
        {"status": "error", "errors": "unknown_loyalty_card"},
    ],
)
def test_the_platform_s_other_shapes_of_errors_are_read(said: Any) -> None:
    with pytest.raises(Refused) as caught:
        calls.scan_card("1").read(answer(said))
    assert caught.value.code == "unknown_loyalty_card"


NAMES = [
    *("status", "payload", "errors", "error", "code", "fields", "users", "offers", "reference_id", "amount"),
    *("accounts", "points", "remembered", "age_seconds", "transaction", "transactions", "id", "sequence", "receipts"),
    *("loyalty_card", "user", "available_points", "link", "state", "words"),
]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inside, max_size=5),
    max_leaves=30,
)
ALL_CALLS: list[Call[Any]] = [LOOKUP, LOCK, SEND, calls.unlock("O", "1"), calls.scan_card("1"), calls.status()]
ALL_CALLS += [calls.send_transactions([SALE]), calls.upload_catalog([])]


@given(
    st.sampled_from([200, 204, 302, 400, 401, 409, 429, 500, 503]),
    st.fixed_dictionaries(
        {"status": st.sampled_from(["OK", "success", "ok", "Error"]), "payload": json_values},
        optional={"errors": json_values, "loyalty_card": json_values, "remembered": json_values},
    )
    | json_values,
    st.dictionaries(st.sampled_from(["age", "retry-after"]), st.text(max_size=12) | st.just("9" * 40)),
)
def test_whatever_answers_gives_a_value_or_one_kind_of_exception(
    status: int, said: Any, headers: dict[str, str]
) -> None:
    for call in ALL_CALLS:
        try:
            call.read(Answer(status, headers, json.dumps(said).encode()))
        except AgentProblem as problem:
            assert str(problem)  # noqa: PT017 - any other exception fails the test


@given(st.binary(max_size=64))
def test_any_bytes_are_an_answer_that_is_not_the_agent_s(body: bytes) -> None:
    for call in ALL_CALLS:
        with pytest.raises(AgentProblem):
            call.read(Answer(200, {}, body))


@pytest.mark.parametrize(
    ("rendered", "content"),
    [
        ({"form": "png", "encoding": "base64", "content": "iVBORw=="}, b"\x89PNG"),
        ({"form": "txt", "encoding": "text", "content": "\u2588"}, b"\xe2\x96\x88"),
        ({"form": "png", "encoding": "base64", "content": "no base64"}, None),
        ({"form": "png", "encoding": "base64", "content": None}, None),
        ("something", None),
        (None, None),
    ],
)
def test_what_was_rendered_is_bytes_and_puts_no_sale_in_doubt(rendered: Any, content: bytes | None) -> None:
    receipt = {"payment_id": None, "code": "c", "url": "https://x.example/c", "rendered": rendered}
    payload = {"transaction": {"id": "T-1"}, "sequence": 1, "receipts": [receipt]}
    taken = calls.send_transaction({"transaction_id": "T-1"}).read(answer({"status": "OK", "payload": payload}))
    assert taken.receipts[0].rendered == content
