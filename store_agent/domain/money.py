"""Amounts of money as POS systems send them, and as the books add them up.

The payload keeps its own digits (G7). For display and sums an amount is lifted out as a whole number of
ten-thousandths of the currency unit, so that the database adds exactly.
"""

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

UNITS = 10_000
"""Units of the books in one currency unit."""

LIMIT = Decimal(100_000_000)
"""Currency units; a larger amount is no price. It also keeps sums of a million sales within 64 bits."""

_NUMBER = re.compile(r"[+-]?(?:\d{1,64}(?:\.\d{0,64})?|\.\d{1,64})(?:[eE][+-]?\d{1,6})?")
_exact = Context(prec=60)


def read_decimal(value: Any) -> Decimal | None:
    """Return the number in `value` (a JSON number, or a string that holds one), else None.

    Strings occur in recorded traffic (`"9"`, `".35"`; Postman collection, folder 5).
    """
    if isinstance(value, Decimal):
        return value
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return Decimal(value.strip())
    return None


def countable(amount: Decimal) -> bool:
    """Tell whether `amount` can stand in the books at all."""
    return amount.is_zero() or (-40 < amount.adjusted() < 9 and abs(amount) <= LIMIT)  # noqa: PLR2004 - digits


def to_units(amount: Decimal) -> int:
    """Round a countable amount to whole units, half to even."""
    scaled = _exact.multiply(amount, Decimal(UNITS))
    return int(scaled.to_integral_value(ROUND_HALF_EVEN))


def from_units(units: int) -> Decimal:
    """Give units of the books as an amount with at least two decimals."""
    amount = Decimal(units) / UNITS
    cents = amount.quantize(Decimal("0.01"))
    return cents if cents == amount else amount
