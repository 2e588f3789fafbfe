"""The shop of the scenes: its sales, its catalog, its people; made up, and the same at every recording."""

from datetime import UTC, datetime
from typing import Any

from tests.support.sales import payment, sale

DAY = datetime(2026, 3, 14, tzinfo=UTC).timestamp()
"""The Saturday on which all scenes take place."""

LANES = ("lane-1", "lane-2", "lane-3", "cafe")


def clock(time: str) -> float:
    """Give the wall time of a moment of that day, written like 14:32 or 14:32:10."""
    hours, minutes, *rest = (int(part) for part in time.split(":"))
    return DAY + hours * 3_600 + minutes * 60 + (rest[0] if rest else 0)


def _item(item_id: str, name: str, sku: str, price: float) -> dict[str, Any]:
    return {"item_id": item_id, "name": name, "sku": sku, "is_modifier": False, "price": price}


SHELF = (
    _item("1001", "Standing Hill Riesling Ice Wine", "RIE-12-0001", 31.5),
    _item("1002", "Iced tea, peach", "TEA-01", 2.9),
    _item("1003", "Crème brûlée", "DES-07", 6.4),
    _item("1004", "Müsli, Größe M", "MUE-09", 4.2),
    _item("1005", "Wine gums", "SWE-31", 1.8),
    _item("1006", "Ginger, 100 g", "VEG-15", 0.9),
    _item("1007", "Red wine glass, set of 6", "GLA-06", 38.0),
    _item("1008", "Espresso beans, 1 kg", "COF-02", 18.75),
    _item("1009", "White wine vinegar", "VIN-03", 3.6),
)
UNKNOWN = _item("7788", "", "", 12.4)
CATALOG = {"items": [{name: item[name] for name in ("item_id", "name", "sku", "is_modifier")} for item in SHELF]}
EMPLOYEES = {
    "employees": [
        {"employee_id": "1000", "first_name": "Ada", "last_name": "Ångström", "start_date": "2024-01-02"},
        {"employee_id": "1001", "first_name": "Bo", "last_name": "Adams", "start_date": "2025-09-01"},
        {
            "employee_id": "1002",
            "first_name": "Çağla",
            "last_name": "Müller",
            "start_date": "2023-05-15",
            "end_date": "2026-12-31",
        },
    ]
}


def number(place: int) -> str:
    """Give the number that the tills gave the sale in this place."""
    return f"S-0314-{place:04}"


def purchase(place: int, at: float, **changes: Any) -> dict[str, Any]:
    """Make the sale in this place of the day's sales: one to three kinds of things, paid in cash or by card."""
    chosen = [SHELF[(place * 5 + line * 4) % len(SHELF)] for line in range(1 + place % 3)]
    if "item" in changes:
        chosen = [changes.pop("item")]
    lines = [_line(line, item, 1 + (place + line) % 2) for line, item in enumerate(chosen, 1)]
    subtotal = round(sum(line["subtotal"] for line in lines), 2)
    tax = round(subtotal * 0.08, 2)
    paid = payment("P1", amount=round(subtotal + tax, 2), type="Cash" if place % 2 else "Visa", payment_time=_time(at))
    fields: dict[str, Any] = {
        "pos_employee_id": f"{1000 + place % 3}",
        "open_time": _time(at - 90),
        "modified_time": _time(at),
        "items": lines,
        "subtotal": subtotal,
        "tax_total": tax,
        "payments": [paid],
    }
    return sale(number(place), **(fields | changes))


def _line(line: int, item: dict[str, Any], quantity: int) -> dict[str, Any]:
    return {
        "line_id": str(line),
        "item_id": item["item_id"],
        "quantity": quantity,
        "unit_price": item["price"],
        "subtotal": round(item["price"] * quantity, 2),
        "tax_included": 0,
    }


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
