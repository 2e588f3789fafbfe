"""The Discount object as the platform answers it ("SessionM POS API", with the extra fields of recorded answers)."""

from decimal import Decimal, InvalidOperation
from typing import Any

from store_agent.errors import BadInput, FieldError
from store_agent.sandbox.world.held import Held

_IMAGE = "https://images.example.com/reward.png"


def unapplied(held: Held, status: str) -> dict[str, Any]:
    """Render an offer as it lies in the wallet, on no transaction."""
    return {
        "reference_id": held.offer.offer_id,
        "user_id": held.user_id,
        "reference_id_type": "userofferid",
        "pos_discount_id": held.offer.pos_discount_id,
        "status": status,
        "display_name": held.offer.name,
        "image_url": _IMAGE,
        "discounted_line_ids": [],
        "discounted_line_id_quantities": [],
        "discount_source": "sessionm",
        "amount": 0,
        "stack_order": 0,
        "applied_time": None,
        "offer_custom_data": None,
        "user_offer_custom_data": held.terms.get("custom_data"),
    }


def discount_on(transaction: dict[str, Any], held: Held, status: str, applied_time: str | None) -> dict[str, Any]:
    """Render an offer on a transaction: at most its subtotal, spread over all lines. Raises `BadInput`."""
    listed = transaction.get("items")
    lines = [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
    subtotal = _decimal(transaction, "subtotal", "request_payload.transaction.subtotal")
    return {
        **unapplied(held, status),
        "image_url": None,
        "discounted_line_ids": [line.get("line_id") for line in lines],
        "discounted_line_id_quantities": [number(_quantity(index, line)) for index, line in enumerate(lines)],
        "amount": number(max(Decimal(0), min(held.offer.value, subtotal))),
        "applied_time": applied_time,
    }


def number(amount: Decimal) -> int | float:
    """Give an amount as JSON writes it: a whole number without a fraction."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def _quantity(index: int, line: dict[str, Any]) -> Decimal:
    return _decimal(line, "quantity", f"request_payload.transaction.items.{index}.quantity")


def _decimal(holder: dict[str, Any], name: str, path: str) -> Decimal:
    """Read an amount; recorded traffic carries numbers as texts, also `".35"`."""
    try:
        amount = Decimal(str(holder.get(name)))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise BadInput("invalid_field", f"{path} must be a number", fields=(FieldError(path, "not a number"),))
    return amount
