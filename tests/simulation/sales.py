"""The texts that tills send: many transactions in few revisions, with payments and codes of every kind."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any


@dataclass(frozen=True, slots=True)
class PlannedSale:
    """One revision. No two differing texts have the same `marker`."""

    transaction_id: str
    marker: int
    text: str
    forwarded: str = ""
    alone: bool = False

    def __str__(self) -> str:
        return f"{self.transaction_id}#{self.marker}"


class Book:
    """Writes revisions of transactions; `pad_max` bounds the bytes of filling.

    `plain` sales have one payment each, and their requests say nothing that another's do not.
    """

    def __init__(self, chance: Random, pad_max: int, *, plain: bool = False) -> None:
        self._chance = chance
        self._pad_max = pad_max
        self._plain = plain
        self._markers = 0
        self._payments: dict[str, list[dict[str, Any]]] = {}

    @property
    def transactions(self) -> Sequence[str]:
        """All names so far."""
        return list(self._payments)

    @property
    def markers(self) -> range:
        """All markers so far."""
        return range(1, self._markers + 1)

    def open(self) -> str:
        """Begin a transaction."""
        name = f"T{len(self._payments) + 1}"
        self._payments[name] = self._drawn_payments(name)
        return name

    def revise(self, name: str) -> PlannedSale:
        """Write the next state of a transaction."""
        self._markers += 1
        if self._chance.random() < 0.1:
            self._payments[name] = self._drawn_payments(name)
        text = json.dumps(self._fields(name))
        dice = 1.0 if self._plain else self._chance.random()
        if dice < 0.03:
            return PlannedSale(name, self._markers, text, f'"user_id": "{name}"', alone=True)
        return PlannedSale(name, self._markers, text, '"culture": "de"' if dice < 0.08 else "")

    def _fields(self, name: str) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "transaction_id": name,
            "pos_employee_id": "1000",
            "channel": "STORE",
            "is_closed": True,
            "is_voided": self._chance.random() < 0.03,
            "subtotal": self._markers,
            "tax_total": 0,
            "open_time": "2026-03-01T10:00:00.000Z",
            "modified_time": "2026-03-01T10:05:00.000Z",
            "items": [],
            "payments": self._payments[name],
            "discounts": [],
            "custom_data": {"marker": self._markers, "pad": "x" * self._chance.randint(0, self._pad_max)},
        }
        if hash_of(name) % 11 == 0:
            fields["guest_receipt_code"] = f"brought-{name}"
        return fields

    def _drawn_payments(self, name: str) -> list[dict[str, Any]]:
        count = 1 if self._plain else self._chance.choices((0, 1, 2, 3), (1, 6, 2, 1))[0]
        return [self._payment(name, number) for number in range(count)]

    def _payment(self, name: str, number: int) -> dict[str, Any]:
        payment: dict[str, Any] = {"payment_id": f"P{number}", "amount": 1, "type": "Cash"}
        payment["payment_time"] = "2026-03-01T10:05:00.000Z"
        if self._chance.random() < 0.15:
            payment |= {"user_id": f"{name}@example.com", "user_id_type": "Email"}
        return payment


def hash_of(name: str) -> int:
    """Number a transaction, the same in every run."""
    return int(name[1:])


def codes_in(values: dict[str, Any]) -> set[str]:
    """Find the receipt codes in a sale as it arrived."""
    payments = [payment.get("receipt_code") for payment in values["payments"]]
    return {code for code in (values.get("guest_receipt_code"), *payments) if code}
