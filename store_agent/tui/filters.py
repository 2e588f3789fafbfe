"""The filters of the queue as a manager types them, and as the API takes them."""

import re
from dataclasses import dataclass
from typing import Any

from store_agent.domain.money import countable, read_decimal
from store_agent.tui.words import OPEN_WORDS, STATE_WORDS, money, plain

OPEN = "open"
"""What is on the way, as the API calls it."""

LISTS = {"": "all", OPEN: OPEN_WORDS, **STATE_WORDS}
"""What can be listed, in the order in which keys go through it."""

_UNITS = {"s": 1, "min": 60, "m": 60, "h": 3_600, "d": 86_400}
_AGE = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*(s|min|m|h|d)")


@dataclass(frozen=True, slots=True)
class Filters:
    """What is looked for; empty does not matter. Ages are like 90s, 15min, 2h, 3d; amounts like 10 or 10.50."""

    state: str = ""
    terminal: str = ""
    older_than: str = ""
    younger_than: str = ""
    amount_min: str = ""
    amount_max: str = ""
    text: str = ""
    cause: str = ""

    @property
    def plain_state(self) -> bool:
        """Tell whether only the state matters, so that the counts of the books hold for the list."""
        return self == Filters(self.state)

    def as_query(self) -> dict[str, Any]:
        """Give the members of a request. Raises ValueError with words for whoever typed."""
        found: dict[str, Any] = {
            "state": self.state,
            "terminal": self.terminal,
            "text": self.text,
            "cause": self.cause,
            "older_than_seconds": _seconds(self.older_than),
            "younger_than_seconds": _seconds(self.younger_than),
            "amount_min": _amount(self.amount_min),
            "amount_max": _amount(self.amount_max),
        }
        return {name: value for name, value in found.items() if value not in ("", None)}

    @property
    def words(self) -> str:
        """Say what is listed."""
        parts = [
            f"lane {plain(self.terminal)}" if self.terminal else "",
            f"older than {self.older_than}" if self.older_than else "",
            f"younger than {self.younger_than}" if self.younger_than else "",
            f"from {money(_amount(self.amount_min))}" if self.amount_min else "",
            f"up to {money(_amount(self.amount_max))}" if self.amount_max else "",
            f"with “{plain(self.text)}”" if self.text else "",
            f"refused for: {plain(self.cause)}" if self.cause else "",
        ]
        return ", ".join(part for part in parts if part)


def _seconds(typed: str) -> float | None:
    if not typed.strip():
        return None
    found = _AGE.fullmatch(typed.strip().lower())
    if found is None:
        raise ValueError(f"“{typed}” is no length of time; write it like 90s, 15min, 2h or 3d.")
    return float(found[1]) * _UNITS[found[2]]


def _amount(typed: str) -> str:
    if not typed.strip():
        return ""
    amount = read_decimal(typed.replace(",", ""))
    if amount is None or not countable(amount):
        raise ValueError(f"“{typed}” is no amount; write it like 10 or 10.50.")
    return str(amount)
