"""Invented sales with the documented fields ("SessionM POS API, Send Transaction"), for demo, load and tests.

Amounts are `Decimal` with two digits and are written as JSON numbers with two digits; nothing goes through a float.
"""

import json
import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from store_agent.sandbox.guests import GUESTS

Sale = dict[str, Any]

PRODUCTS = (
    ("1001", Decimal("4.50")),
    ("1002", Decimal("3.25")),
    ("1003", Decimal("11.90")),
    ("1004", Decimal("0.99")),
    ("1005", Decimal("24.00")),
    ("1006", Decimal("7.35")),
    ("1007", Decimal("2.10")),
    ("1008", Decimal("59.95")),
)
"""Item ids with the price of one."""

_EMPLOYEES = ("1000", "1001", "1002", "1003")
_CHANNELS = ("STORE", "STORE", "STORE", "KIOSK")
_TENDERS = ("Cash", "Credit Card", "Gift Card")
_TAX_RATE = Decimal("0.07")
_CENT = Decimal("0.01")

_ITEMS_MAX = 6
_QUANTITY_MAX = 3
_OPEN_SECONDS_MAX = 600
_TWO_PAYMENTS_SHARE = 0.15
_GUEST_SHARE = 0.3
_DISCOUNT_SHARE = 0.2


class SaleMaker:
    """Makes the sales of one lane. The same seed and lane give the same sales in the same order."""

    def __init__(self, seed: int, lane: str) -> None:
        self._chance = random.Random(f"{seed}/{lane}")  # noqa: S311 - sales must repeat, not surprise
        self._lane = lane
        self._made = 0

    def make(self, at: datetime) -> Sale:
        """Make the lane's next sale, closed at `at` (an aware time). Its id is unique for lane and count."""
        self._made += 1
        closed = at.astimezone(UTC)
        items = [self._item(line) for line in range(1, self._chance.randint(1, _ITEMS_MAX) + 1)]
        gross = sum((item["subtotal"] for item in items), Decimal(0))
        discounts = self._discounts(gross, closed)
        subtotal = gross - sum((discount["amount"] for discount in discounts), Decimal(0))
        tax = _cents(subtotal * _TAX_RATE)
        return {
            "pos_employee_id": self._chance.choice(_EMPLOYEES),
            "is_closed": True,
            "is_voided": False,
            "transaction_id": f"{self._lane}-{self._made:06d}",
            "subtotal": subtotal,
            "tax_total": tax,
            "open_time": _stamp(closed - timedelta(seconds=self._chance.randint(20, _OPEN_SECONDS_MAX))),
            "modified_time": _stamp(closed),
            "channel": self._chance.choice(_CHANNELS),
            "items": items,
            "payments": self._payments(subtotal + tax, closed),
            "discounts": discounts,
        }

    def _item(self, line: int) -> dict[str, Any]:
        item_id, price = self._chance.choice(PRODUCTS)
        quantity = self._chance.randint(1, _QUANTITY_MAX)
        return {
            "line_id": str(line),
            "item_id": item_id,
            "quantity": quantity,
            "unit_price": price,
            "subtotal": price * quantity,
            "tax_included": Decimal("0.00"),
        }

    def _discounts(self, gross: Decimal, at: datetime) -> list[dict[str, Any]]:
        if self._chance.random() >= _DISCOUNT_SHARE:
            return []
        discount = {
            "reference_id": "STAFF-10",
            "reference_id_type": "code",
            "display_name": "Staff, 10 percent",
            "discount_source": "POS",
            "amount": _cents(gross / 10),
            "stack_order": 0,
            "applied_time": _stamp(at),
        }
        return [discount]

    def _payments(self, total: Decimal, at: datetime) -> list[dict[str, Any]]:
        first = _cents(total / 2) if self._chance.random() < _TWO_PAYMENTS_SHARE else total
        parts = [part for part in (first, total - first) if part > 0]
        payments = [self._payment(number, part, at) for number, part in enumerate(parts, 1)]
        if self._chance.random() < _GUEST_SHARE:
            payments[0] |= {"user_id": self._chance.choice(GUESTS).user_id, "user_id_type": "SessionM_ID"}
        return payments

    def _payment(self, number: int, amount: Decimal, at: datetime) -> dict[str, Any]:
        return {
            "payment_id": f"P{number}",
            "amount": amount,
            "type": self._chance.choice(_TENDERS),
            "payment_time": _stamp(at),
        }


def sale_text(sale: Sale, *, pad_to: int = 0) -> str:
    """Write a sale as a POS would.

    `pad_to`: bytes that the text shall have, filled up in `custom_data`; a longer one is left as it is.
    """
    text = _write(sale)
    padding = pad_to - len(text.encode()) - len(_write({"custom_data": {"padding": ""}}))
    if padding < 0 or pad_to == 0:
        return text
    return _write({**sale, "custom_data": {"padding": "x" * padding}})


def sale_bytes(sale: Sale, *, request_id: str | None = None, pad_to: int = 0) -> bytes:
    """Write the request container around a sale, without store and client. `request_id`: else the transaction_id.

    `pad_to`: bytes that the payload shall have; a longer one is left as it is.
    """
    name = json.dumps(sale["transaction_id"] if request_id is None else request_id)
    return f'{{"request_id": {name}, "request_payload": {sale_text(sale, pad_to=pad_to)}}}'.encode()


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT)


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _write(value: Any) -> str:
    """Write JSON; the standard writer cannot put a Decimal out as a number."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)}: {_write(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_write(inner) for inner in value) + "]"
    return json.dumps(value)
