"""Whether claiming, counting, paging and inserting cost the same at a million waiting sales as at a thousand.

In this process, through the agent's own `open_database`, `Intake` and `Outbox`; the three databases take turns at
each step, and each step takes out of the queue as many sales as it puts in.
"""

import os
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from statistics import fmean, median
from typing import Any

import uvloop

from benchmarks import table
from benchmarks.fill import arrivals, bytes_of_each, fill, large_sale, mint, open_encrypted, size_of, small_sale
from benchmarks.load import SALE_BYTES
from benchmarks.part import Ground, Part, at_most
from benchmarks.spread import Spread
from store_agent.clock import SystemClock
from store_agent.cloud.sessionm.wire import assemble
from store_agent.domain.batch import BatchLimits
from store_agent.domain.container import Identity
from store_agent.domain.lifecycle import State
from store_agent.domain.settle import Deliver
from store_agent.storage.database import Database
from store_agent.storage.intake import Intake
from store_agent.storage.outbox import Outbox
from store_agent.storage.revisions import Filter

GROUP = 32
BATCH = 10
PAGE = 100
GROWTH_MAX = 1.2
ON_DISK = 20_000
"""Sales of full size in the database whose files are measured."""

_SMALL = small_sale()
_LARGE = large_sale(SALE_BYTES)
_ASSEMBLE = partial(assemble, identity=Identity("1", "c"), culture="en-US", mint=mint)

INSERT_ONE = "insert one sale"
INSERT_LARGE = f"insert one sale of {SALE_BYTES:,} bytes"
INSERT_GROUP = f"insert {GROUP} sales together"
FREEZE = f"claim: freeze a batch of {BATCH}"
SETTLE = f"settle a batch of {BATCH} as delivered"
BOOKS = "count: books"
PAGE_FIRST = f"page: first {PAGE}"
PAGE_MIDDLE = f"page: {PAGE} in the middle"
PAGE_WAITING = f"page: {PAGE} waiting, deep in"
SHOW = "show one in the middle"
STEPS = (
    INSERT_ONE,
    INSERT_LARGE,
    INSERT_GROUP,
    FREEZE,
    SETTLE,
    BOOKS,
    PAGE_FIRST,
    PAGE_MIDDLE,
    PAGE_WAITING,
    SHOW,
)


class _Subject:
    """A database under measurement; `seconds` are those of the round in hand, by step."""

    def __init__(self, database: Database, rows: int) -> None:
        clock = SystemClock()
        self._intake = Intake(database, clock, mint)
        self._outbox = Outbox(database, clock)
        self._rows = rows
        self._inserted = 0
        self.seconds: dict[str, list[float]] = {step: [] for step in STEPS}

    async def repeat(self) -> None:
        """Do every step once, and claiming as often as it takes to keep the number of waiting sales."""
        await self._insert(INSERT_ONE, _SMALL, 1)
        await self._insert(INSERT_LARGE, _LARGE, 1)
        await self._insert(INSERT_GROUP, _SMALL, GROUP)
        for _ in range((GROUP + 2) // BATCH):
            await self._drain()
        await self._drain_rest((GROUP + 2) % BATCH)
        await self._look()

    async def _insert(self, step: str, sale: Any, count: int) -> None:
        new = arrivals(sale, "more", self._inserted, count)
        self._inserted += count
        await self._timed(step, lambda: self._intake.accept(new))

    async def _drain(self) -> None:
        (batch,) = await self._timed(FREEZE, lambda: self._outbox.freeze(1, BatchLimits(BATCH), _ASSEMBLE))
        assert len(batch.members) == BATCH
        await self._timed(SETTLE, lambda: self._outbox.settle(batch, Deliver('{"status": "OK"}'), _ASSEMBLE))

    async def _drain_rest(self, count: int) -> None:
        (batch,) = await self._outbox.freeze(1, BatchLimits(count), _ASSEMBLE)
        await self._outbox.settle(batch, Deliver('{"status": "OK"}'), _ASSEMBLE)

    async def _look(self) -> None:
        outbox, middle = self._outbox, self._rows // 2
        books = await self._timed(BOOKS, outbox.books)
        assert books.by_state[State.WAITING].revisions == self._rows
        newest = books.accepted.revisions
        first = await self._timed(PAGE_FIRST, lambda: outbox.page(0, PAGE))
        paged = await self._timed(PAGE_MIDDLE, lambda: outbox.page(middle, PAGE))
        deep = newest - self._rows // 10
        waiting = await self._timed(PAGE_WAITING, lambda: outbox.page(deep, PAGE, Filter(State.WAITING)))
        assert len(first.rows) == len(paged.rows) == len(waiting.rows) == PAGE
        assert await self._timed(SHOW, lambda: outbox.show(middle)) is not None

    async def _timed(self, step: str, work: Callable[[], Awaitable[Any]]) -> Any:
        begin = time.perf_counter()
        result = await work()
        self.seconds[step].append(time.perf_counter() - begin)
        return result


@dataclass
class _Taken:
    """Medians and means of each round, by step and rows; seconds of filling and bytes on disk, by rows."""

    medians: dict[tuple[str, int], list[float]] = field(default_factory=dict)
    means: dict[tuple[str, int], list[float]] = field(default_factory=dict)
    fill_seconds: dict[int, float] = field(default_factory=dict)
    sizes: dict[int, int] = field(default_factory=dict)
    large_size: float = 0.0

    def note(self, rows: int, subject: _Subject) -> None:
        """Take over a round, and let the next begin."""
        for step, seconds in subject.seconds.items():
            self.medians.setdefault((step, rows), []).append(median(seconds))
            self.means.setdefault((step, rows), []).append(fmean(seconds))
            seconds.clear()

    def cost(self, step: str, rows: int) -> Spread:
        return Spread.of(self.medians[step, rows])

    def beside(self, step: str, rows: int) -> str:
        return f"{table.milliseconds(self.cost(step, rows).median)} with {rows:,}"

    def mean(self, step: str, rows: int) -> float:
        return fmean(self.means[step, rows])


def run(ground: Ground) -> Part:
    """Measure, print and judge."""
    taken = uvloop.run(_measure(ground))
    few, _, many = ground.row_counts
    growth = {step: taken.cost(step, many) / taken.cost(step, few) for step in STEPS}
    _show_costs(ground, taken, growth)
    _show_sizes(ground, taken)
    return Part(
        {
            "seconds": {f"{step}, {rows}": taken.cost(step, rows).as_json() for step, rows in taken.medians},
            "mean_seconds": {f"{step}, {rows}": taken.mean(step, rows) for step, rows in taken.means},
            "growth": {step: spread.as_json() for step, spread in growth.items()},
            "fill_seconds": taken.fill_seconds,
            "bytes_on_disk": {**taken.sizes, "a sale of full size": taken.large_size},
        },
        [
            at_most(f"{step}, {many:,} / {few:,} waiting", spread, GROWTH_MAX, table.ratio, taken.beside(step, few))
            for step, spread in growth.items()
        ],
    )


async def _measure(ground: Ground) -> _Taken:
    taken = _Taken()
    for rows in ground.row_counts:
        await _fill(ground, rows, taken)
    taken.large_size = await bytes_of_each(ground.directory / "large", _LARGE, ground.pick(ON_DISK, 2_000))
    os.sync()  # else what was just written slows down what is measured next
    async with AsyncExitStack() as stack:
        subjects = {
            rows: _Subject(await stack.enter_async_context(open_encrypted(path / "data")), rows)
            for rows, path in ground.filled.items()
        }
        await _rounds(ground, subjects, taken)
    return taken


async def _fill(ground: Ground, rows: int, taken: _Taken) -> None:
    path = ground.directory / f"storage-{rows}"
    path.mkdir(exist_ok=True)
    async with open_encrypted(path / "data") as database:
        taken.fill_seconds[rows] = await fill(database, _SMALL, rows)
    taken.sizes[rows] = size_of(path / "data")
    ground.filled[rows] = path


async def _rounds(ground: Ground, subjects: dict[int, _Subject], taken: _Taken) -> None:
    for subject in subjects.values():
        await subject.repeat()
        for seconds in subject.seconds.values():
            seconds.clear()
    for number in range(ground.pick(9, 3)):
        for _ in range(ground.pick(40, 5)):
            for subject in list(subjects.values())[:: 1 if number % 2 == 0 else -1]:
                await subject.repeat()
        for rows, subject in subjects.items():
            taken.note(rows, subject)


def _show_costs(ground: Ground, taken: _Taken, growth: dict[str, Spread]) -> None:
    few, some, many = ground.row_counts
    rows = []
    for step in STEPS:
        medians = [table.milliseconds(taken.cost(step, count).median) for count in (few, some, many)]
        middle = table.ratio((taken.cost(step, some) / taken.cost(step, few)).median)
        means = table.ratio(taken.mean(step, many) / taken.mean(step, few))
        rows.append([step, *medians, middle, *growth[step].shown(table.ratio), means])
    header = ("", f"{few:,}", f"{some:,}", f"{many:,}", f"{some:,}/", f"{many:,}/", "min .. max", "of means")
    note = (
        f"Medians; the ratios are to {few:,} waiting sales, those of means include the checkpoints that some commits "
        f"carry.\n  The waiting sales have {len(_SMALL.text)} bytes each; {SALE_BYTES:,} bytes where it is said."
    )
    table.show("Storage: seconds by number of waiting sales", header, rows, note)


def _show_sizes(ground: Ground, taken: _Taken) -> None:
    rows = [
        [
            f"{count:,} sales of {len(_SMALL.text)} bytes",
            table.mebibytes(taken.sizes[count]),
            f"{taken.sizes[count] / count:,.0f}",
            table.seconds(taken.fill_seconds[count]),
        ]
        for count in ground.row_counts
    ]
    count = ground.pick(ON_DISK, 2_000)
    large = [
        f"{count:,} sales of {SALE_BYTES:,} bytes",
        table.mebibytes(taken.large_size * count),
        f"{taken.large_size:,.0f}",
        "",
    ]
    header = ("", "on disk", "bytes a sale", "to fill")
    table.show("Storage: on disk, with receipt codes and indexes", header, [*rows, large])
