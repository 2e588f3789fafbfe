"""What a part of the benchmarks is told and what it gives back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.spread import Spread
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
    """A figure and what it should be, and `beside` what it is to be read with: a baseline of the same run, in words.

    `measured` None means that it was left out, `met` None that nothing is asked of it.
    """

    figure: str
    measured: Spread | None
    form: Callable[[float], str]
    target: str
    met: bool | None
    beside: str = ""

    def cells(self) -> list[str]:
        """Give a line of the one table."""
        shown = ["left out", ""] if self.measured is None else self.measured.shown(self.form)
        if self.measured is not None and len(self.measured.rounds) == 1:
            shown[1] = ""
        met = {True: "met", False: "NOT MET", None: ""}[self.met]
        return [self.figure, *shown, self.beside, self.target, met]

    def as_json(self) -> dict[str, Any]:
        measured = None if self.measured is None else self.measured.as_json()
        return {
            "figure": self.figure,
            "measured": measured,
            "beside": self.beside,
            "target": self.target,
            "met": self.met,
        }


Measured = Spread | float


def at_most(figure: str, measured: Measured, limit: float, form: Callable[[float], str], beside: str = "") -> Verdict:
    spread = _spread(measured)
    return Verdict(figure, spread, form, f"at most {form(limit)}", spread.median <= limit, beside)


def at_least(figure: str, measured: Measured, limit: float, form: Callable[[float], str], beside: str = "") -> Verdict:
    spread = _spread(measured)
    return Verdict(figure, spread, form, f"at least {form(limit)}", spread.median >= limit, beside)


def told(figure: str, measured: Measured, form: Callable[[float], str], beside: str = "") -> Verdict:
    """Give a figure of which nothing is asked."""
    return Verdict(figure, _spread(measured), form, "", None, beside)


def _spread(measured: Measured) -> Spread:
    return measured if isinstance(measured, Spread) else Spread.of([measured])


@dataclass
class Part:
    """The figures of a part, ready to be written as JSON, and its verdicts."""

    figures: dict[str, Any] = field(default_factory=dict)
    verdicts: list[Verdict] = field(default_factory=list)


def show_summary(verdicts: list[Verdict], *, quick: bool) -> None:
    """Print the one table."""
    rows = [verdict.cells() for verdict in verdicts]
    note = "--quick is a smoke run: few rounds, small databases; its figures prove nothing." if quick else ""
    header = ("figure", "median", "min .. max of rounds", "beside", "target", "verdict")
    show("Summary", header, rows, note)
