"""The invented guests that are there from the start, with their offers and points."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Offer:
    """A guest's own copy of a reward, worth `value` off the check. `ttl_code`: the short code shown at the till."""

    offer_id: str
    ttl_code: str
    name: str
    value: Decimal
    pos_discount_id: str | None
    reward_id: str


@dataclass(frozen=True, slots=True)
class Guest:
    """A loyalty account. `external_customer_id`: the number on a loyalty card."""

    user_id: str
    external_customer_id: str
    first_name: str
    last_name: str
    email: str
    phone: str
    points: int
    offers: tuple[Offer, ...]


_FIVE = "99c0ffee-0001-4b6e-8f57-6d2f3a7b0001"
_HALF = "99c0ffee-0001-4b6e-8f57-6d2f3a7b0002"
_TEN = "99c0ffee-0001-4b6e-8f57-6d2f3a7b0003"

GUESTS = (
    Guest(
        "7d1f4a52-6a0c-4f53-9a51-20c6b9a10001",
        "8000000000010001",
        "Nora",
        "Sample",
        "nora@example.com",
        "5550100001",
        1250,
        (
            Offer("a3f0c1de-0001-4b6e-8f57-6d2f3a7b0001", "410001", "$5 reward", Decimal(5), None, _FIVE),
            Offer("a3f0c1de-0001-4b6e-8f57-6d2f3a7b0002", "410002", "$5 reward", Decimal(5), None, _FIVE),
            Offer("RSO:a3f0c1de-0001-4b6e-8f57-6d2f3a7b0003", "410003", "$2.50 off", Decimal("2.50"), "1234", _HALF),
        ),
    ),
    Guest(
        "7d1f4a52-6a0c-4f53-9a51-20c6b9a10002",
        "8000000000010002",
        "Milo",
        "Sample",
        "milo@example.com",
        "5550100002",
        80,
        (Offer("a3f0c1de-0002-4b6e-8f57-6d2f3a7b0001", "420001", "$10 welcome", Decimal(10), None, _TEN),),
    ),
    Guest(
        "7d1f4a52-6a0c-4f53-9a51-20c6b9a10003",
        "8000000000010003",
        "Ines",
        "Sample",
        "ines@example.com",
        "5550100002",
        0,
        (),
    ),
)
"""Milo and Ines share a phone number, so that a lookup by it is refused as ambiguous."""
