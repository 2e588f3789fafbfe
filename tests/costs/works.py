"""The work of every sale by name, ready to be done, and how each kind of count is taken of it."""

from collections.abc import Callable, Iterable
from functools import partial

from tests.costs.backlog import TOGETHER, Backlog, read
from tests.costs.baskets import request
from tests.costs.counting import Work, opcodes_of, pages_of, statements_of, steps_of

READING = "reading a sale of 3 KB"

WORKS: dict[str, Callable[[Backlog], Work]] = {
    READING: lambda _: partial(read, request("T-1")),
    "taking a sale": lambda backlog: backlog.take(1),
    f"taking {TOGETHER} sales together": lambda backlog: backlog.take(TOGETHER),
    "freezing a batch of ten": Backlog.freeze,
    "settling a batch of ten": Backlog.settle,
}

COUNTS: dict[str, Callable[[Backlog, Work], float]] = {
    "opcodes": lambda _, work: opcodes_of(work),
    "statements": lambda backlog, work: statements_of(backlog.raw, work),
    "steps of SQLite": lambda backlog, work: steps_of(backlog.raw, work),
    "pages": lambda backlog, work: pages_of(backlog.raw, backlog.path, work),
}

COMMITS = 8
"""Commits whose pages are counted together: one in three takes a page more, when one is full."""


def cost(backlog: Backlog, work: str, count: str, times: int = 1) -> float:
    """Do some work so many times; gives what it costs."""
    repeated = COMMITS if count == "pages" else 1
    ready = [WORKS[work](backlog) for _ in range(times * repeated)]
    return COUNTS[count](backlog, partial(_all, ready)) / repeated


def _all(works: Iterable[Work]) -> None:
    for work in works:
        work()
