"""Sales for tests: complete, unremarkable, and easy to bend."""

from typing import Any


def sale(transaction_id: str = "T-1", **changes: Any) -> dict[str, Any]:
    """Make a closed sale of 10.00 with one payment, without warnings; `changes` replace its fields."""
    fields: dict[str, Any] = {
        "transaction_id": transaction_id,
        "pos_employee_id": "1000",
        "channel": "STORE",
        "is_closed": True,
        "is_voided": False,
        "subtotal": 10.00,
        "tax_total": 0.7,
        "open_time": "2026-03-01T10:00:00.000Z",
        "modified_time": "2026-03-01T10:05:00.000Z",
        "items": [
            {
                "line_id": "1",
                "item_id": "1001",
                "quantity": 1,
                "unit_price": 10.0,
                "subtotal": 10.0,
                "tax_included": 0,
            }
        ],
        "payments": [payment("P1")],
        "discounts": [],
    }
    return fields | changes


def payment(payment_id: str, **changes: Any) -> dict[str, Any]:
    """Make a payment of 10.70 in cash."""
    fields = {"payment_id": payment_id, "amount": 10.7, "type": "Cash", "payment_time": "2026-03-01T10:05:00.000Z"}
    return fields | changes
