"""The invented guests of the sandbox, with their offers and point accounts."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Offer:
    """A reward worth `value` off the check. `ttl_code`: the short code that a guest shows at the till."""

    offer_id: str
    ttl_code: str
    name: str
    value: Decimal
    pos_discount_id: str | None = None


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

    def as_json(self, offers: list[dict[str, Any]]) -> dict[str, Any]:
        """Render the guest as recorded lookups do: `partial_response`, and `accounts` with Pascal-case keys."""
        return {
            "user_reference_id": self.user_id,
            "user_account_id": self.user_id,
            "partial_response": False,
            "first_name": self.first_name,
            "last_name": self.last_name,
            "phone": self.phone,
            "email": self.email,
            "points": self.points,
            "profile_fields": {"_version": 2, "preferred_language": "english", "email_optin": True},
            "offers": offers,
            "accounts": [
                _point_account("Spendable points", "0b7cbe4e-52ad-4f0e-8a2c-51f1f7c6a001", "spend", self.points),
                _point_account("Tier points", "0b7cbe4e-52ad-4f0e-8a2c-51f1f7c6a002", "tier", self.points // 2),
            ],
        }


def _point_account(name: str, account_id: str, label: str, balance: int) -> dict[str, Any]:
    return {
        "AccountName": name,
        "UserPointAccountID": "",
        "PointAccountID": account_id,
        "GroupingLabel": label,
        "AvailableBalance": balance,
        "LifeTimeValue": balance,
    }


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
            Offer("a3f0c1de-0001-4b6e-8f57-6d2f3a7b0001", "410001", "$5 reward", Decimal(5)),
            Offer("a3f0c1de-0001-4b6e-8f57-6d2f3a7b0002", "410002", "$5 reward", Decimal(5)),
            Offer("RSO:a3f0c1de-0001-4b6e-8f57-6d2f3a7b0003", "410003", "$2.50 off", Decimal("2.50"), "1234"),
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
        (Offer("a3f0c1de-0002-4b6e-8f57-6d2f3a7b0001", "420001", "$10 welcome", Decimal(10)),),
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
