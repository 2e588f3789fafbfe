"""Whether an offer may be applied while the platform cannot be asked, and the discount that is answered then.

Source: DESIGN, section 6; SessionM POS API, Discount Object. An offer must be known from the guest's last lookup, with
the amount that the platform gave it there, and no more of them are allowed than the store's owner wants to risk: status
OFFLINE takes the offer from the wallet even if it was used elsewhere meanwhile, and nobody hears of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from store_agent.domain import money
from store_agent.domain.transaction import OFFLINE

_LINES = ("discounted_line_ids", "discounted_line_id_quantities")


@dataclass(frozen=True, slots=True)
class Caps:
    """How many offers may be applied offline: one offer ever, one guest a day, the store a day."""

    per_offer: int
    per_guest_day: int
    per_store_day: int


class Counted(Protocol):
    """How many were."""

    @property
    def offer(self) -> int:
        """Uses of this offer."""
        ...

    @property
    def guest_day(self) -> int:
        """Offers of this guest today."""
        ...

    @property
    def store_day(self) -> int:
        """Offers of all guests today."""
        ...


def over_cap(counted: Counted, caps: Caps) -> str:
    """Say which cap is reached; empty if none is."""
    if counted.offer >= caps.per_offer:
        return "This offer was already used here while the platform could not be asked."
    if counted.guest_day >= caps.per_guest_day:
        return "This guest has used as many offers today as are allowed while the platform cannot be asked."
    if counted.store_day >= caps.per_store_day:
        return "This store has given as many offers today as are allowed while the platform cannot be asked."
    return ""


def discount_offline(known: Mapping[str, Any], subtotal: Any, applied_time: str) -> dict[str, Any] | str:
    """Give the Discount object of an offer as it is known, or say why it cannot be applied.

    The amount is never more than the `subtotal` of the transaction, where that is a number. An amount of 0 is one that
    was looked up without a transaction: only a POS that has the discount itself can apply it. It is taken off the whole
    check, since the lines that it was looked up with need not be those of this sale.
    """
    status = str(known.get("status") or "INFO").upper()
    if status not in ("INFO", OFFLINE):
        return f"When the platform was asked last, this offer was {status}."
    amount, most = money.read_decimal(known.get("amount")), money.read_decimal(subtotal)
    if (amount is None or amount <= 0) and not known.get("pos_discount_id"):
        return "How much this offer takes off is not known; look the guest up with the sale next time."
    if amount is not None and most is not None and amount > most >= 0:
        amount = most
    lines: dict[str, list[str]] = {
        name: [] for name in ("discounted_line_ids", "discounted_line_id_quantities") if name in known
    }
    return {
        **known,
        **lines,
        "amount": max(amount or Decimal(0), Decimal(0)),
        "status": OFFLINE,
        "applied_time": applied_time,
    }
