"""Sales of a given size as tills make them: a cart of a dozen lines, each with what tills tell of an item.

Filling up with the same letter would flatter whatever is packed, and lines without names whatever reads few lines.
"""

import random
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from benchmarks import shop
from store_agent.sandbox.sales import SaleMaker, sale_text

_ASSORTMENT = shop.catalog(2_000).items
_DEPARTMENTS = ("Drinks", "Bakery", "Dairy", "Household", "Fruit and vegetables", "Delicatessen")
_TAX_RATE = Decimal("0.07")
_CENT = Decimal("0.01")


class CartMaker:
    """Makes the sales of a lane, each filled with lines up to `size` bytes; the same lane makes the same sales."""

    def __init__(self, lane: str, size: int) -> None:
        self._sales = SaleMaker(7, lane)
        self._chance = random.Random(lane)
        self._size = size

    def make(self, at: datetime) -> dict[str, Any]:
        """Make the next sale, closed at `at`, with sums that are right."""
        sale = {**self._sales.make(at), "items": []}
        left = self._size - len(sale_text(sale))
        for line in self._lines():
            left -= len(sale_text(line)) + len(", ")
            if left < 0:
                break
            sale["items"].append(line)
        return _summed(sale)

    def _lines(self) -> Iterator[dict[str, Any]]:
        number = 0
        while True:
            number += 1
            item = self._chance.choice(_ASSORTMENT)
            quantity = self._chance.choice((1, 1, 1, 2, 3))
            price = Decimal(self._chance.randrange(49, 4_999)) / 100
            yield {
                "line_id": str(number),
                "item_id": item.item_id,
                "quantity": quantity,
                "unit_price": price,
                "subtotal": price * quantity,
                "tax_included": (price * quantity * _TAX_RATE).quantize(_CENT),
                "name": item.name,
                "barcode": item.barcodes[0],
                "department": self._chance.choice(_DEPARTMENTS),
            }


def _summed(sale: dict[str, Any]) -> dict[str, Any]:
    """Let the sums be those of the lines."""
    lines = sum((line["subtotal"] for line in sale["items"]), Decimal())
    subtotal = lines - sum((discount["amount"] for discount in sale["discounts"]), Decimal())
    paid = [{**payment, "amount": subtotal} for payment in sale["payments"][:1]]
    return {**sale, "subtotal": subtotal, "payments": [*paid, *sale["payments"][1:]]}
