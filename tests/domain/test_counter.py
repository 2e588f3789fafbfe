"""Requests at the counter are read as they are documented and as they are recorded; what cannot be right is refused."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_agent.domain.container import Container, Identity, read_container
from store_agent.domain.counter import (
    ALLOW_REMEMBERED,
    CODE_MAX,
    CRITERIA,
    CRITERION_MAX,
    EMPLOYEE_MAX,
    TRANSACTION_MAX,
    OfferAsked,
    read_give_back,
    read_lookup,
    read_offer,
)
from store_agent.domain.offers import OfferAction
from store_agent.errors import BadInput

IDENTITY = Identity("1234x", "retailer-1")


def container(payload: Any, **beside: Any) -> Container:
    body = json.dumps({"request_id": "1", **beside, "request_payload": payload}).encode()
    return read_container(body, IDENTITY, frozenset({ALLOW_REMEMBERED}))


def offer(**changes: Any) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "offer_lookup_code": "c60e876d",
        "offer_lookup_type": "userofferid",
        "transaction": {"transaction_id": "T-1", "pos_employee_id": "1000", "subtotal": "9"},
    }
    return asked | changes


def lock(**changes: Any) -> OfferAsked:
    return read_offer(container(offer(**changes)), OfferAction.LOCK)


def refusal(read: Any, *asked: Any) -> tuple[str, list[str]]:
    """Give the code of what is refused, and the fields that are named."""
    with pytest.raises(BadInput) as refused:
        read(*asked)
    return refused.value.code, [field.path.removeprefix("request_payload.") for field in refused.value.fields]


@pytest.mark.parametrize("criterion", CRITERIA)
def test_a_lookup_is_by_the_one_criterion_that_counts(criterion: str) -> None:
    """The recorded lookup writes the others as null; the Postman collection, 5.1."""
    payload = dict.fromkeys(CRITERIA) | {criterion: "x", "transaction": None}
    asked = read_lookup(container(payload))
    assert (asked.criterion, asked.value, asked.payload) == (criterion, "x", json.dumps(payload))
    assert asked.allow_remembered is None
    assert read_lookup(container(dict.fromkeys(CRITERIA, "") | {criterion: "x"})).criterion == criterion


def test_a_number_is_looked_up_as_its_digits() -> None:
    assert read_lookup(container({"user_id": 0})).value == "0"
    assert read_lookup(container({"phone": 41791234567})).value == "41791234567"


@pytest.mark.parametrize(
    ("payload", "named"),
    [
        ({}, ["request_payload"]),
        (dict.fromkeys(CRITERIA), ["request_payload"]),
        ({"email": "", "user_id": ""}, ["request_payload"]),
        ({"email": "a@b", "phone": "1"}, ["email", "phone"]),
        (dict.fromkeys(CRITERIA, "x"), list(CRITERIA)),
    ],
)
def test_no_criterion_and_several_are_refused_by_name(payload: dict[str, Any], named: list[str]) -> None:
    assert refusal(read_lookup, container(payload)) == ("invalid_criteria", named)


@pytest.mark.parametrize("value", [True, 1.5, [], {}, ["x"], "x" * (CRITERION_MAX + 1), "a\nb", "\ud800", "\x00"])
def test_a_criterion_that_names_nobody_is_refused(value: Any) -> None:
    assert refusal(read_lookup, container({"email": value})) == ("invalid_field", ["email"])


def test_the_longest_criterion_is_taken() -> None:
    assert read_lookup(container({"email": "x" * CRITERION_MAX})).value == "x" * CRITERION_MAX


@pytest.mark.parametrize("wrong", ["x", [], 1])
def test_the_transaction_of_a_lookup_is_an_object_or_nothing(wrong: Any) -> None:
    assert refusal(read_lookup, container({"email": "a@b", "transaction": wrong})) == ("invalid_field", ["transaction"])
    assert read_lookup(container({"email": "a@b", "transaction": {}})).value == "a@b"


@pytest.mark.parametrize("said", [True, False])
def test_what_is_meant_for_the_agent_is_not_passed_on_G7(*, said: bool) -> None:
    beside = read_lookup(container({"email": "a@b"}, allow_remembered=said, culture="de"))
    inside = read_lookup(container({"email": "a@b", "allow_remembered": said, "new": [1.10]}))
    assert (beside.allow_remembered, beside.forwarded) == (said, '"culture": "de"')
    assert (inside.allow_remembered, inside.payload) == (said, '{"email": "a@b", "new": [1.1]}')


@pytest.mark.parametrize("said", [1, "true", []])
def test_whether_memory_will_do_is_said_by_true_or_false(said: Any) -> None:
    for asked in (
        container({"email": "a@b"}, allow_remembered=said),
        container({"email": "a@b", ALLOW_REMEMBERED: said}),
    ):
        assert refusal(read_lookup, asked) == ("invalid_field", [ALLOW_REMEMBERED])


@pytest.mark.parametrize("spelled", ["userofferid", "UserOfferId", "USEROFFERID", "ttlcode", "TTLCode"])
def test_the_type_of_a_code_is_known_in_any_case(spelled: str) -> None:
    assert lock(offer_lookup_type=spelled).by == spelled.lower()


def test_a_lock_is_read_and_passed_on_as_it_was_sent_G7() -> None:
    asked = lock()
    assert asked.payload == json.dumps(offer())
    assert (asked.action, asked.code, asked.transaction_id) == (OfferAction.LOCK, "c60e876d", "T-1")
    assert (asked.employee, asked.subtotal) == ("1000", "9")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"offer_lookup_code": None}, "offer_lookup_code"),
        ({"offer_lookup_code": ""}, "offer_lookup_code"),
        ({"offer_lookup_code": 5}, "offer_lookup_code"),
        ({"offer_lookup_code": "x" * 10_000}, "offer_lookup_code"),
        ({"offer_lookup_code": "a\tb"}, "offer_lookup_code"),
        ({"offer_lookup_type": None}, "offer_lookup_type"),
        ({"offer_lookup_type": "barcode"}, "offer_lookup_type"),
        ({"offer_lookup_type": ["ttlcode"]}, "offer_lookup_type"),
        ({"transaction": None}, "transaction"),
        ({"transaction": []}, "transaction"),
        ({"transaction": {}}, "transaction.transaction_id"),
        ({"transaction": {"transaction_id": ""}}, "transaction.transaction_id"),
        ({"transaction": {"transaction_id": 7}}, "transaction.transaction_id"),
        ({"transaction": {"transaction_id": "a\x1fb"}}, "transaction.transaction_id"),
        ({"transaction": {"transaction_id": "x" * (TRANSACTION_MAX + 1)}}, "transaction.transaction_id"),
    ],
)
def test_an_offer_that_cannot_be_meant_is_refused_by_field(change: dict[str, Any], named: str) -> None:
    assert refusal(lambda: lock(**change)) == ("invalid_field", [named])


def test_the_longest_code_and_transaction_are_taken() -> None:
    asked = lock(offer_lookup_code="x" * CODE_MAX, transaction={"transaction_id": "y" * TRANSACTION_MAX})
    assert (len(asked.code), len(asked.transaction_id), asked.employee) == (CODE_MAX, TRANSACTION_MAX, "")


@pytest.mark.parametrize(
    ("employee", "read"),
    [(None, ""), ("", ""), (1000, "1000"), ("x" * 50, "x" * EMPLOYEE_MAX), ("\ud800", ""), ("a\x00", ""), ({}, "")],
)
def test_an_employee_is_kept_only_as_what_can_be_sent_back_and_stored(employee: Any, read: str) -> None:
    assert lock(transaction={"transaction_id": "T-1", "pos_employee_id": employee}).employee == read


def test_two_calls_are_the_same_if_all_but_their_ids_is_G9() -> None:
    asked = lock()
    body = {"store_id": "1234x", "request_id": "another", "request_payload": offer()}
    again = read_offer(read_container(json.dumps(body).encode(), IDENTITY), OfferAction.LOCK)
    assert asked.digest == again.digest
    others = [
        replace(asked, action=OfferAction.REDEEM),
        replace(asked, forwarded='"culture": "de"'),
        lock(transaction={"transaction_id": "T-2"}),
    ]
    assert len({asked.digest, *(other.digest for other in others)}) == 4


def test_giving_back_names_the_offer_and_who_does_it() -> None:
    payload = {"user_offer_id": "983d441e", "employee_id": "100", "unknown": 1}
    asked = read_give_back(container(payload, culture="de"), "reinstate")
    assert (asked.call, asked.offer, asked.payload) == ("reinstate", "983d441e", json.dumps(payload))
    assert asked.forwarded == '"culture": "de"'


@pytest.mark.parametrize("name", ["user_offer_id", "employee_id"])
@pytest.mark.parametrize("value", [None, "", 5, [], "x" * (CODE_MAX + 1), "\x7f", "\ud800"])
def test_what_gives_nothing_back_is_refused_by_field(name: str, value: Any) -> None:
    payload = {"user_offer_id": "983d441e", "employee_id": "100"} | {name: value}
    assert refusal(read_give_back, container(payload), "unlock") == ("invalid_field", [name])


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(
    [
        *CRITERIA,
        "transaction",
        ALLOW_REMEMBERED,
        "offer_lookup_code",
        "offer_lookup_type",
        "user_offer_id",
        "employee_id",
    ]
)


def outcome(read: Any, asked: Container) -> tuple[Any, str, Any]:
    try:
        return read(asked), "", ()
    except BadInput as refused:
        return None, refused.code, refused.fields


@given(st.dictionaries(NAMES, ANYTHING | st.just({"transaction_id": "T-1"}) | st.just("ttlcode")))
def test_whatever_is_sent_is_read_or_refused_in_words(payload: dict[str, Any]) -> None:
    asked = container(payload)
    for read in (
        read_lookup,
        lambda one: read_offer(one, OfferAction.LOCK),
        lambda one: read_give_back(one, "unlock"),
    ):
        found, code, fields = outcome(read, asked)
        assert (code in ("invalid_field", "invalid_criteria") and fields) or found is not None
        kept = [name for name in payload if read is not read_lookup or name != ALLOW_REMEMBERED]
        assert found is None or json.loads(found.payload) == {name: payload[name] for name in kept}
