"""What is wrong with a catalog or a list of employees, in words for the person who has to mend it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from store_agent.errors import BadInput, FieldError

PROBLEMS_MAX = 100
"""Problems kept of one file; more are only counted: one cause often repeats in every line."""

Origin = Callable[[int], str]
"""Tells where the entry of a number (from 0) was read: `items.3` in JSON, `line 17` in a table."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that cannot be right. `reason` goes on where `path` stops: "items.3.name" "is empty"."""

    where: str
    field: str
    reason: str

    @property
    def path(self) -> str:
        """Place and field as one: `items.3.name`, or `line 17, name` in a table."""
        joint = ", " if self.where.startswith("line ") else "."
        return f"{self.where}{joint}{self.field}" if self.where else self.field

    def __str__(self) -> str:
        return f"{self.path} {self.reason}"


class Problems:
    """The first problems of a file, up to `most`, and how many there are in all."""

    def __init__(self, most: int = PROBLEMS_MAX) -> None:
        self._most = most
        self.shown: list[Problem] = []
        self.total = 0

    def add(self, where: str, field: str, reason: str) -> None:
        """Take one more."""
        self.extend((Problem(where, field, reason),))

    def extend(self, found: Iterable[Problem]) -> None:
        """Take several, also without end: only the first are kept."""
        for problem in found:
            self.total += 1
            if len(self.shown) < self._most:
                self.shown.append(problem)

    def refusal(self, code: str) -> BadInput:
        """Give what to raise if there are any: the first in words, all that were kept as fields."""
        count = "1 problem" if self.total == 1 else f"{self.total:,} problems"
        message = f"{count}; nothing was taken over. First: {self.shown[0]}."
        return BadInput(code, message, fields=tuple(FieldError(found.path, found.reason) for found in self.shown))
