"""What a part of the benchmarks is told and what it gives back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.table import show


@dataclass
class Ground:
    """Where a run takes place; `filled` are databases that a part left for the next, by their number of sales."""

    directory: Path
    quick: bool
    filled: dict[int, Path] = field(default_factory=dict)

    def pick(self, full: int, quick: int) -> int:
        return quick if self.quick else full

    @property
    def row_counts(self) -> tuple[int, int, int]:
        """How many sales wait in the small, the middle and the large database."""
        return (1_000, 5_000, 20_000) if self.quick else (1_000, 100_000, 1_000_000)


@dataclass(frozen=True)
class Verdict:
    """A figure and what it should be; `measured` None means that it was left out."""

    figure: str
    measured: float | None
    form: Callable[[float], str]
    target: str
    met: bool | None

    def cells(self) -> list[str]:
        shown = "left out" if self.measured is None else self.form(self.measured)
        return [self.figure, shown, self.target, {True: "met", False: "NOT MET", None: "-"}[self.met]]


def at_most(figure: str, measured: float, limit: float, form: Callable[[float], str]) -> Verdict:
    return Verdict(figure, measured, form, f"at most {form(limit)}", measured <= limit)


def at_least(figure: str, measured: float, limit: float, form: Callable[[float], str]) -> Verdict:
    return Verdict(figure, measured, form, f"at least {form(limit)}", measured >= limit)


@dataclass
class Part:
    """The figures of a part, ready to be written as JSON, and its verdicts."""

    figures: dict[str, Any] = field(default_factory=dict)
    verdicts: list[Verdict] = field(default_factory=list)


def show_summary(verdicts: list[Verdict], *, quick: bool) -> None:
    """Print every figure that has a target."""
    rows = [verdict.cells() for verdict in verdicts]
    note = "--quick is a smoke run: few rounds, small databases; its figures prove nothing." if quick else ""
    show("Summary", ("figure", "measured", "target", "verdict"), rows, note)
