"""Sales of about 3 KB, as tills send them: a dozen lines, each with what tills tell of an item."""

import json
import random
from enum import Enum
from typing import Any

from tests.support.sales import payment, sale

LINES = 12

_MAKERS = ("Harvest Lane", "Stone Ridge", "Blue Harbour", "Fresh & Co", "Nordmark", "Old Mill", "Green Acre")
_KINDS = ("Riesling", "Apple juice", "Rye bread", "Olive oil", "Paper towels", "Toothpaste", "Creamery butter", "Tea")
_SIZES = ("0.75 l", "1 l", "500 g", "250 g", "6-pack", "12 ct", "XL", "single")
_DEPARTMENTS = ("Drinks", "Bakery", "Dairy", "Household", "Fruit and vegetables", "Delicatessen")


class Letters(Enum):
    """How the names of items are written."""

    ASCII = "ASCII"
    ESCAPED = "letters beyond ASCII, escaped"
    BEYOND = "letters beyond ASCII"


def request(name: str, letters: Letters = Letters.ASCII) -> bytes:
    """Make the request of a sale; the same name gives the same request."""
    written = json.dumps({"request_id": "1", "request_payload": _basket(name)}, ensure_ascii=False)
    if letters is Letters.ASCII:
        return written.encode()
    foreign = written.replace("e ", "è ")
    return (json.dumps(json.loads(foreign)) if letters is Letters.ESCAPED else foreign).encode()


def _basket(name: str) -> dict[str, Any]:
    chance = random.Random(name)  # noqa: S311 - the same sale each time
    lines = [_line(chance, str(number)) for number in range(1, LINES + 1)]
    subtotal = round(sum(line["subtotal"] for line in lines), 2)
    return sale(name, items=lines, subtotal=subtotal, payments=[payment("P1", amount=subtotal)])


def _line(chance: random.Random, line_id: str) -> dict[str, Any]:
    number, quantity, price = chance.randrange(2_000), chance.choice((1, 1, 1, 2, 3)), chance.randrange(49, 4_999)
    return {
        "line_id": line_id,
        "item_id": f"{400_000 + number}",
        "quantity": quantity,
        "unit_price": price / 100,
        "subtotal": price * quantity / 100,
        "tax_included": price * quantity * 7 // 100 / 100,
        "name": f"{chance.choice(_MAKERS)} {chance.choice(_KINDS)} {chance.choice(_SIZES)}",
        "sku": f"SKU-{number % 97:02d}-{number:06d}",
        "barcode": f"{4_000_000_000_000 + number * 7}",
        "department": chance.choice(_DEPARTMENTS),
    }
