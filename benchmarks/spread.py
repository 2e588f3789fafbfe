"""One figure over the rounds of a run: its median and how far it spread."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Spread:
    """A value for each round."""

    rounds: tuple[float, ...]

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        return cls(tuple(values))

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)

    def __truediv__(self, baseline: "Spread") -> "Spread":
        """Give the ratios round by round, so that what slowed a whole round down cancels out."""
        return Spread(tuple(mine / other for mine, other in zip(self.rounds, baseline.rounds, strict=True)))

    def __add__(self, other: "Spread") -> "Spread":
        return Spread(tuple(mine + its for mine, its in zip(self.rounds, other.rounds, strict=True)))

    def __sub__(self, other: "Spread") -> "Spread":
        return Spread(tuple(mine - its for mine, its in zip(self.rounds, other.rounds, strict=True)))

    def shown(self, form: Callable[[float], str]) -> list[str]:
        """Give two cells of a table: the median, and the smallest and largest round."""
        return [form(self.median), f"{form(min(self.rounds))} .. {form(max(self.rounds))}"]

    def as_json(self) -> dict[str, Any]:
        return {"median": self.median, "min": min(self.rounds), "max": max(self.rounds), "rounds": self.rounds}


def share(values: Sequence[float], part: float) -> float:
    """Give the value that `part` of all do not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]
