"""What happens on which day, drawn by a seed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

QUIET = ""
"""Nothing is wrong."""

LINES = (
    "gone", "down", "hang", "throttled", "failing", "gateway", "captive", "forbidden", "lost replies", "slow line",
    "drip", "pending", "refused sales", "poison sales", QUIET, QUIET,
)  # fmt: skip
"""Of the line and the platform; see `lines`."""

GENTLE = ("reload", "full disk", "clock", "slow disk", "disk errors", "reader", "backup", QUIET, QUIET)
"""Of the machine, with the agent going on; see `machines`."""

ROUGH = ("kill", "kill", "stop", "start on a full disk", "restore", "flipped bytes")
"""Of the machine, with the agent ending."""

PACES = (0.3, 1.0, 1.0, 0.1, 0.5, 1.0, 1.0, 0.2)
"""Opening, rush, quiet time, rush, closing: parts of the highest rate of sales."""

OPEN_SHARE = 0.85
"""Part of a day in which the store is open; the rest is for settling and looking."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A part of a day: what is wrong with line and machine for so many seconds, and how fast the lanes sell."""

    line: str
    machine: str
    seconds: float
    pace: float


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the store, counted from 1."""

    number: int
    slots: tuple[Slot, ...]


def plan(seed: int, days: int, day_seconds: float, without: Sequence[str] = ()) -> list[Day]:
    """Draw the days; the same seed gives the same ones. `without` are faults that cannot be made here.

    The agent lives through the first half of them in one process, so that what grows has time to show; it is ended
    in all ways in the second half.
    """
    chance = Random(seed)  # noqa: S311 - days must repeat, not surprise
    lines = _deal(LINES, without, chance)
    gentle, all_of_them = _deal(GENTLE, without, chance), _deal((*GENTLE, *ROUGH), without, chance)
    seconds = day_seconds * OPEN_SHARE / len(PACES)
    return [
        Day(
            number,
            tuple(
                Slot(next(lines), next(all_of_them if number > days / 2 else gentle), seconds, pace) for pace in PACES
            ),
        )
        for number in range(1, days + 1)
    ]


def _deal(names: Sequence[str], without: Sequence[str], chance: Random) -> Iterator[str]:
    """Give the names in turn, in another order each time."""
    while True:
        deck = [name for name in names if name not in without] or [QUIET]
        chance.shuffle(deck)
        yield from deck
