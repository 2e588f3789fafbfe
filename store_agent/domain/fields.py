"""The documented fields of a sale, and how each may be written.

Names and types: SessionM POS API, Send Transaction. Maximum lengths: SM Sync Data Importers Guide,
Standard CloudPOS Transaction JSON File Format. Only what can never be right is an error: a value of the wrong
type or too long. Numbers and booleans written as strings are right, since recorded traffic has them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from types import NoneType
from typing import Any

from store_agent.domain import money
from store_agent.errors import FieldError


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_identifier(value: Any) -> bool:
    """Accept what the agent can keep in columns of its own: no control characters, no half of a surrogate pair."""
    return isinstance(value, str) and (value.isprintable() or not _UNPRINTABLE.search(value))


def _is_number(value: Any) -> bool:
    return money.read_decimal(value) is not None or value == ""


def _is_boolean(value: Any) -> bool:
    return value in (0, 1, "") or (isinstance(value, str) and value.lower() in ("true", "false"))


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(element, dict) for element in value)


_UNPRINTABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Field:
    """How one documented field may be written; null is always allowed."""

    accepts: Callable[[Any], bool]
    wanted: str
    length_max: int | None = None
    plain: frozenset[type] = frozenset({NoneType})
    """Types that are right without a closer look: nearly every value, on the way of every sale."""


def _text(length_max: int | None = None) -> Field:
    return Field(_is_text, "text", length_max, frozenset({NoneType}) if length_max else frozenset({NoneType, str}))


def _identifier(length_max: int | None = None) -> Field:
    return Field(_is_identifier, "text (without control characters)", length_max)


_NUMBER = Field(_is_number, "a number", None, frozenset({NoneType, int, Decimal}))
_BOOLEAN = Field(_is_boolean, "true or false", None, frozenset({NoneType, bool}))
_LIST = Field(_is_list, "a list")
_OBJECTS = Field(_is_list_of_objects, "a list of objects")

TRANSACTION = {
    "pos_employee_id": _text(20),
    "sm_employee_id": _text(),
    "table_id": _text(20),
    "guest_count": _NUMBER,
    "is_closed": _BOOLEAN,
    "is_voided": _BOOLEAN,
    "transaction_id": _identifier(64),
    "from_transaction_id": _text(64),
    "subtotal": _NUMBER,
    "tax_total": _NUMBER,
    "open_time": _text(),
    "modified_time": _text(),
    "guest_receipt_code": _identifier(),
    "channel": _text(),
    "items": _OBJECTS,
    "payments": _OBJECTS,
    "discounts": _OBJECTS,
}
ITEM = {
    "line_id": _text(),
    "item_id": _text(45),
    "quantity": _NUMBER,
    "unit_price": _NUMBER,
    "subtotal": _NUMBER,
    "tax_included": _NUMBER,
    "modifies_line_id": _text(),
}
PAYMENT = {
    "payment_id": _identifier(64),
    "amount": _NUMBER,
    "type": _text(20),
    "payment_time": _text(),
    "user_id": _text(),
    "user_id_type": _text(),
    "additional_user_id": _text(),
    "additional_user_id_type": _text(),
    "receipt_code": _identifier(),
}
DISCOUNT = {
    "reference_id": _text(),
    "reference_id_type": _text(),
    "pos_discount_id": _text(),
    "status": _text(),
    "display_name": _text(),
    "image_url": _text(),
    "discounted_line_ids": _LIST,
    "discounted_line_id_quantities": _LIST,
    "discount_source": _text(),
    "amount": _NUMBER,
    "stack_order": _NUMBER,
    "applied_time": _text(),
    "user_id": _text(),
}
EXPECTED = (
    "pos_employee_id",
    "subtotal",
    "tax_total",
    "open_time",
    "modified_time",
    "channel",
    "items",
    "payments",
    "discounts",
)
"""Fields that the tables require and that recorded traffic does send; one that is missing is a warning."""


def _pascal(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


PASCAL = {_pascal(name): name for table in (TRANSACTION, ITEM, PAYMENT, DISCOUNT) for name in table}
"""`TaxTotal` for `tax_total`: the other spelling seen in recorded traffic."""


def documented(name: str) -> str:
    """Return the documented spelling of a member name; an unknown name stays as it is."""
    return PASCAL.get(name, name)


def spellings(name: str) -> tuple[str, str]:
    """Return both spellings of a documented name."""
    return name, _pascal(name)


def documented_members(members: dict[str, Any]) -> dict[str, Any]:
    """Return the members under their documented names."""
    if PASCAL.keys().isdisjoint(members):
        return members
    return {documented(name): value for name, value in members.items()}


def check(members: dict[str, Any], table: dict[str, Field], at: str) -> list[FieldError]:
    """Hold the documented fields of one object against their table; `at` is its path with a trailing dot."""
    found: list[FieldError] = []
    for name, value in members.items():
        field = table.get(name) or table.get(documented(name))
        if field is None or type(value) in field.plain:
            continue
        if not field.accepts(value):
            found.append(FieldError(at + name, f"must be {field.wanted}"))
        elif field.length_max is not None and len(value) > field.length_max:
            found.append(FieldError(at + name, f"is longer than {field.length_max} characters"))
    return found
