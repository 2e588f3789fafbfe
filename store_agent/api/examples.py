"""Requests as a POS sends them, for those who write its plugin: examples in `/openapi.json`."""

from typing import Any

TRANSACTION: dict[str, Any] = {
    "transaction_id": "lane-1-20260301-0042",
    "pos_employee_id": "1000",
    "channel": "STORE",
    "is_closed": True,
    "is_voided": False,
    "subtotal": 10.00,
    "tax_total": 0.70,
    "open_time": "2026-03-01T10:00:00.000Z",
    "modified_time": "2026-03-01T10:05:00.000Z",
    "items": [
        {"line_id": "1", "item_id": "1001", "quantity": 1, "unit_price": 10.00, "subtotal": 10.00, "tax_included": 0}
    ],
    "payments": [{"payment_id": "P1", "amount": 10.70, "type": "Cash", "payment_time": "2026-03-01T10:05:00.000Z"}],
    "discounts": [],
}
SALE: dict[str, Any] = {"request_payload": TRANSACTION}
BATCH: dict[str, Any] = {"request_payload": {"transactions": [TRANSACTION]}}
LOOKUP: dict[str, Any] = {"request_payload": {"email": "guest@example.com"}}
