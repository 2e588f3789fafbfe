"""How the screens write times, ages, amounts and counts: in the store's own time, and never more exact than needed."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from rich.cells import cell_len

from store_agent.domain.plain import plain
from store_agent.domain.summary import count, duration

__all__ = ["age", "clock_time", "count", "duration", "moment", "money", "plain", "sale_name", "stamp"]

NOTHING = "-"

STATE_WORDS = {
    "waiting": "waits",
    "frozen": "being sent",
    "held": "held back",
    "parked": "refused",
    "delivered": "at the platform",
    "superseded": "replaced",
    "discarded": "discarded",
}
"""The states of a sale as a manager calls them."""

OPEN_WORDS = "on the way"
"""What waits, is being sent or is held back, as one."""

STATE_MEANING = {
    "waiting": "It is safe on this machine and is sent as soon as the line allows.",
    "frozen": "It is on its way; the platform has not answered yet. The same request goes again until it does.",
    "held": "Somebody held it back. It is safe, and stays here until it is released.",
    "parked": "The platform refused it. It is safe, and stays here until somebody retries or discards it.",
    "delivered": "The platform has it.",
    "superseded": "A newer state of the same sale took its place, so it need not go.",
    "discarded": "Somebody gave it up, with a reason. It never reaches the platform; it is kept for the books.",
}
"""What each state means."""

STATE_SIGNS = {
    "waiting": "…",
    "frozen": "→",
    "held": "=",
    "parked": "!",
    "delivered": "✓",
    "superseded": "~",
    "discarded": "x",
}
"""A sign beside each state, for screens without colours."""


def money(amount: str | Decimal | None) -> str:
    """Give an amount as people read it, with two decimals at least: 31,876.40."""
    if amount is None:
        return NOTHING
    try:
        value = Decimal(str(amount))
        cents = round(value, 2)
    except InvalidOperation:  # also of what is endless, or has more digits than money
        return plain(amount)
    return f"{cents:,.2f}" if cents == value else f"{value:,}"


def clock_time(seconds: float | None, now: float) -> str:
    """Give a moment as short as it can be told apart: 14:02 today, else 3 Mar 14:02, with the year if it is past."""
    if seconds is None:
        return NOTHING
    then, today = _local(seconds), _local(now)
    if then.date() == today.date():
        return f"{then:%H:%M}"
    year = "" if then.year == today.year else f" {then.year}"
    return f"{then.day} {then:%b}{year} {then:%H:%M}"


def stamp(seconds: float | None) -> str:
    """Give a moment to the second: 2026-03-01 14:02:11."""
    return NOTHING if seconds is None else f"{_local(seconds):%Y-%m-%d %H:%M:%S}"


def moment(seconds: float | None, now: float) -> str:
    """Give a moment and how long ago it is: 14:02 (8 min ago)."""
    if seconds is None:
        return "never"
    return f"{clock_time(seconds, now)} ({age(seconds, now)} ago)"


def age(seconds: float, now: float) -> str:
    """Give how long ago a moment is, in its largest unit."""
    number, unit, *_ = duration(now - seconds).split(" ")
    return f"{number} {unit}"


def sale_name(row: dict[str, Any]) -> str:
    """Name a sale, or a call and the sale that it belongs to."""
    sale = plain(row["transaction_id"] or "")
    if row["call"] is None:
        return sale
    call = plain(row["call"]).rsplit("/", 1)[-1]
    return f"({call} of {sale})" if sale else f"({call})"


def ending(text: str, width: int) -> str:
    """Cut a text that is wider at its beginning: numbers of sales differ at their ends."""
    if cell_len(text) <= width:
        return text
    start = next(start for start in range(len(text) + 1) if cell_len(text[start:]) < width)
    return f"…{text[start:]}"


def _local(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds).astimezone()
