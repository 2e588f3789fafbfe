"""Long work on a thread of its own, done in portions: between them it is told how far it is, and looked at.

It takes the disk in portions, so that no sync at the end holds up the sales; it leaves the room that sales need (G12);
and it ends when the agent does.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from store_agent.errors import DiskFull
from store_agent.storage import sqlite
from store_agent.storage.duplicate import Care, Stopped
from store_agent.storage.durable import write_through
from store_agent.storage.reserve import free_bytes
from store_agent.storage.rows import CHUNK_MAX, insert_rows

T = TypeVar("T")
Progress = Callable[[int, int], None]
"""Hears how much of how much is done, on the thread that works."""

PORTION = 2_000
"""Entries done at once: some 10 ms of work, some 500 KiB."""

WRITE_THROUGH_PORTIONS = 8
"""Portions after which what was written goes to the disk."""


class Portions:
    """Watches over a file that is being written. All methods raise Stopped, DiskFull and OSError."""

    def __init__(self, path: Path, care: Care, progress: Progress | None) -> None:
        self._path = path
        self._care = care
        self._progress = progress
        self._steps = self._done = self._total = 0

    def expect(self, total: int) -> None:
        """Say how many entries there are to do; an entry that is gone over twice counts twice."""
        self._total = total
        self._step(0)

    def of(self, entries: Iterable[T]) -> Iterator[T]:
        """Give entries one by one."""
        number = 0
        for number, entry in enumerate(entries, 1):
            yield entry
            if number % PORTION == 0:
                self._step(PORTION)
        self._step(number % PORTION)

    def numbers(self, last: int) -> Iterator[tuple[int, int]]:
        """Give the first and last number of each portion of entries that are numbered from 1."""
        for first in range(1, last + 1, PORTION):
            end = min(first + PORTION - 1, last)
            yield first, end
            self._step(end - first + 1)

    def finish(self) -> None:
        """Say that all is done, also what there was no need to do."""
        if self._progress is not None:
            self._progress(self._total, self._total)

    def _step(self, entries: int) -> None:
        if self._care.stop.is_set():
            raise Stopped("The import was given up, because the agent stops. Nothing was taken over; import again.")
        if self._steps % WRITE_THROUGH_PORTIONS == 0:
            write_through(self._path)
            self._leave_room()
        self._steps += 1
        self._done += entries
        if self._progress is not None:
            self._progress(self._done, self._total)

    def _leave_room(self) -> None:
        free = free_bytes(self._path.parent)
        if free < self._care.free_min:
            raise DiskFull(
                f"There is no room for an import in {self._path.parent}: {free // 1_000_000:,} MB are free, and "
                f"{self._care.free_min // 1_000_000:,} MB must stay so that sales can go on. Nothing was taken over; "
                "sales are not affected. Make room on the disk, then import again."
            )


def insert_all(raw: sqlite.Connection, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Run an `INSERT ... VALUES (?, ...)` for any number of rows, few of which are in memory at a time."""
    left = iter(rows)
    while chunk := list(islice(left, CHUNK_MAX)):
        insert_rows(raw, statement, chunk)
