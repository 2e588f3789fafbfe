"""Guests are read in the documented and in the recorded shape, and garbage is nobody."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_agent.domain.guests import find_offer, offers_of, only_user, users_of

GUEST: dict[str, Any] = {
    "user_reference_id": "u-1",
    "partial_response": False,
    "email": "m@example.com",
    "phone": "1112223333",
    "offers": [
        {"reference_id": "offer-1", "user_id": "u-1", "status": "INFO", "amount": 0},
        {"reference_id": "RSO:offer-2", "status": "INFO", "pos_discount_id": "1234"},
    ],
    "accounts": [{"AccountName": "Miles", "AvailableBalance": 7}],
}
DOCUMENTED = {"users": [GUEST]}
RECORDED = [GUEST]


@pytest.mark.parametrize("payload", [DOCUMENTED, RECORDED])
def test_a_guest_is_found_in_both_shapes(payload: Any) -> None:
    assert users_of(payload) == [GUEST]
    assert only_user(payload) == "u-1"
    assert offers_of(payload) == ["offer-1", "RSO:offer-2"]


@pytest.mark.parametrize("payload", [DOCUMENTED, RECORDED])
def test_an_offer_is_found_with_the_guest_it_belongs_to(payload: Any) -> None:
    assert find_offer(payload, "offer-1") == (GUEST["offers"][0], "u-1")
    assert find_offer(payload, "RSO:offer-2") == (GUEST["offers"][1], "u-1")
    assert find_offer(payload, "offer-3") is None


def test_several_guests_are_nobody_s_answer() -> None:
    two = [GUEST, {"user_reference_id": "u-2", "offers": [{"reference_id": "offer-9"}]}]
    assert only_user(two) is None
    assert offers_of(two) == ["offer-1", "RSO:offer-2", "offer-9"]
    assert find_offer(two, "offer-9") == ({"reference_id": "offer-9"}, "u-2")


def test_who_has_no_id_is_nobody() -> None:
    assert [only_user([user]) for user in ({"user_reference_id": 7}, {"email": "m@example.com"}, {})] == [None] * 3
    assert find_offer([{"offers": [{"reference_id": "offer-1"}]}], "offer-1") == ({"reference_id": "offer-1"}, None)


GARBAGE: list[Any] = [
    None,
    "x",
    7,
    True,
    [],
    {},
    {"users": None},
    {"users": {}},
    {"users": "x"},
    {"user": [GUEST]},
    [None, 1, "x"],
]


@pytest.mark.parametrize("payload", GARBAGE)
def test_garbage_is_nobody(payload: Any) -> None:
    assert (users_of(payload), only_user(payload), offers_of(payload)) == ([], None, [])
    assert find_offer(payload, "offer-1") is None


@pytest.mark.parametrize("offers", [None, "x", {}, [None], [[]], [{}], [{"reference_id": 7}]])
def test_garbage_is_no_offer(offers: Any) -> None:
    assert offers_of([GUEST | {"offers": offers}]) == []


ANYTHING = st.recursive(
    st.none() | st.integers() | st.text(max_size=3) | st.just("offer-1"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["users", "offers", "reference_id", "user_id", "email"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(ANYTHING)
def test_whatever_the_platform_answers_is_read_without_a_fault(payload: Any) -> None:
    assert isinstance(only_user(payload), str | None)
    found = find_offer(payload, "offer-1")
    assert (found is not None) == ("offer-1" in offers_of(payload))
