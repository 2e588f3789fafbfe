"""An offer is applied offline only as it is known, never for more than the sale, and never beyond the caps."""

from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_agent.domain.offline_offers import Caps, discount_offline, over_cap
from tests.support.uses import DISCOUNT

CAPS = Caps(per_offer=1, per_guest_day=3, per_store_day=20)
NOW = "2026-03-01T10:00:00.000Z"
KNOWN = DISCOUNT | {"status": "INFO", "amount": Decimal("2.5"), "unknown": {"kept": True}}


class Counted(NamedTuple):
    offer: int = 0
    guest_day: int = 0
    store_day: int = 0


@pytest.mark.parametrize(
    ("counted", "words"),
    [
        (Counted(), ""),
        (Counted(0, 2, 19), ""),
        (Counted(1, 0, 0), "This offer was already used"),
        (Counted(0, 3, 3), "This guest"),
        (Counted(0, 0, 20), "This store"),
        (Counted(9, 9, 99), "This offer was already used"),
    ],
)
def test_a_cap_that_is_reached_is_named(counted: Counted, words: str) -> None:
    assert over_cap(counted, CAPS).startswith(words)
    assert bool(over_cap(counted, CAPS)) == bool(words)


def test_caps_of_zero_allow_nothing() -> None:
    for caps in (Caps(0, 9, 9), Caps(9, 0, 9), Caps(9, 9, 0)):
        assert over_cap(Counted(), caps)


def test_the_discount_is_the_known_one_that_says_OFFLINE() -> None:
    found = discount_offline(KNOWN, "9", NOW)
    assert found == KNOWN | {"status": "OFFLINE", "applied_time": NOW}
    assert KNOWN["status"] == "INFO"


@pytest.mark.parametrize(
    ("amount", "subtotal", "given"),
    [
        (Decimal("2.5"), "9", "2.5"),
        (Decimal("2.5"), Decimal("2.5"), "2.5"),
        (Decimal("2.5"), ".35", "0.35"),
        (Decimal("2.5"), 0, "0"),
        (5, Decimal("4.99"), "4.99"),
        ("5.00", 9, "5.00"),
        (5, None, "5"),
        (5, "unreadable", "5"),
        (5, -3, "5"),
    ],
)
def test_no_more_is_taken_off_than_the_sale_is_worth(amount: Any, subtotal: Any, given: str) -> None:
    found = discount_offline(KNOWN | {"amount": amount}, subtotal, NOW)
    assert isinstance(found, dict)
    assert (found["amount"], type(found["amount"])) == (Decimal(given), Decimal)


@pytest.mark.parametrize("status", ["INFO", "info", None, "", "OFFLINE"])
def test_an_offer_that_was_free_when_asked_last_may_be_applied(status: Any) -> None:
    assert isinstance(discount_offline(KNOWN | {"status": status}, 9, NOW), dict)


@pytest.mark.parametrize("status", ["LOCKED", "REDEEMED", "redeemed", "EXPIRED", 7])
def test_an_offer_that_was_taken_when_asked_last_is_not(status: Any) -> None:
    assert str(status).upper() in str(discount_offline(KNOWN | {"status": status}, 9, NOW))


@pytest.mark.parametrize("amount", [0, None, "", "much", Decimal(-1), True])
def test_an_unknown_amount_needs_a_discount_of_the_pos_itself(amount: Any) -> None:
    """Recorded lookups without a transaction say 0, some with the POS's own discount beside it."""
    bare = {name: value for name, value in KNOWN.items() if name != "pos_discount_id"} | {"amount": amount}
    assert "How much" in str(discount_offline(bare, 9, NOW))
    found = discount_offline(bare | {"pos_discount_id": "1234"}, 9, NOW)
    assert isinstance(found, dict)
    assert found["amount"] == 0
    assert found["pos_discount_id"] == "1234"


AMOUNTS = st.none() | st.integers(-100, 100) | st.decimals(-100, 100, places=2) | st.text("0123456789.-", max_size=5)


@given(amount=AMOUNTS, subtotal=AMOUNTS, status=st.sampled_from(["INFO", "LOCKED", None]), own=st.none() | st.just("7"))
def test_what_is_allowed_is_never_worth_less_than_nothing_nor_more_than_the_sale(
    amount: Any, subtotal: Any, status: Any, own: Any
) -> None:
    known = KNOWN | {"amount": amount, "status": status, "pos_discount_id": own}
    found = discount_offline(known, subtotal, NOW)
    if isinstance(found, dict):
        assert found["amount"] >= 0
        assert not isinstance(subtotal, int | Decimal) or subtotal < 0 or found["amount"] <= subtotal
        assert found.keys() >= known.keys()
