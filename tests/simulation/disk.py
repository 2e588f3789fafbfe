"""The thread and the disk under SQLite: work takes virtual time, commits fail, and the machine may stop in between."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from store_agent.storage import connection, sqlite
from tests.simulation.faults import COMMITS, Fault, Weather
from tests.simulation.plan import End

T = TypeVar("T")

SLOW_SECONDS_MAX = 8.0
"""A slow disk takes up to this long for a unit of work."""

_WRITER = (*connection._WRITER, "PRAGMA synchronous = OFF")
_READER = connection._READER


class Stopped(BaseException):
    """The machine stopped in the middle of a unit of work; no code of the agent may see it."""


class Disk:
    """The disk of one life of the agent. `dies` is called when the machine stops at a commit."""

    def __init__(self, weather: Weather, chance: Random, seconds: float, dies: Callable[[], None]) -> None:
        self._weather = weather
        self._chance = chance
        self._seconds = seconds
        self._dies = dies
        self._end: End | None = None
        self.dead = False
        self.works = 0

    def arm(self, end: End) -> None:
        """Let the machine stop at the next commit."""
        self._end = end

    def duration(self) -> float:
        """Draw how long a unit of work takes, in seconds."""
        if self._weather.strike((Fault.DISK_SLOW,)):
            return self._chance.uniform(0.0, SLOW_SECONDS_MAX)
        return self._seconds * self._chance.uniform(0.5, 1.5)

    def refuse_reading(self) -> None:
        """Fail a read, if the plan wants it."""
        if self._weather.strike((Fault.DISK_UNREADABLE,)):
            raise sqlite.Error("disk I/O error (simulated)")

    def commit(self, really: Callable[[], T]) -> T:
        """Commit, or fail before or after it."""
        fault = self._weather.strike(COMMITS)
        self._stop_at(End.CRASH_BEFORE_COMMIT)
        if fault is Fault.DISK_REFUSES:
            raise sqlite.Error("disk I/O error (simulated)")
        done = really()
        self._stop_at(End.CRASH_AFTER_COMMIT)
        if fault is Fault.DISK_FORGETS:
            raise sqlite.Error("disk I/O error after the commit (simulated)")
        return done

    def die(self) -> None:
        """Stop here."""
        self._dies()

    def _stop_at(self, end: End) -> None:
        if self._end is end:
            raise Stopped


class WritingConnection(sqlite.Connection):
    """SQLite's connection with a disk under its commits, that of the life that uses it."""

    disk: Disk

    def execute(self, sql: str, parameters: Any = ()) -> Any:
        if sql == "COMMIT":
            return self.disk.commit(lambda: super(WritingConnection, self).execute(sql))
        return super().execute(sql, parameters)


class SimulatedConnection:
    """Stands where `storage.connection.Connection` does: takes units of work, one after the other."""

    def __init__(self, raw: sqlite.Connection, disk: Disk, *, reads: bool) -> None:
        self._raw = raw
        self._disk = disk
        self._reads = reads
        self._free_at = 0.0

    def submit(self, work: Callable[[sqlite.Connection], T]) -> asyncio.Future[T]:
        """Run a unit of work after a while; its result takes a moment to come back."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._free_at = max(self._free_at, loop.time()) + self._disk.duration()
        loop.call_at(self._free_at, self._run, work, future)
        return future

    @property
    def raw(self) -> sqlite.Connection:
        """The connection itself."""
        return self._raw

    async def run(self, work: Callable[[sqlite.Connection], T]) -> T:
        """Run a unit of work and give what it returns or raises."""
        return await self.submit(work)

    async def close(self) -> None:
        """Close the file, which the world does once for all lives."""

    def _run(self, work: Callable[[sqlite.Connection], T], future: asyncio.Future[T]) -> None:
        if self._disk.dead:
            return
        self._disk.works += 1
        try:
            if self._reads:
                self._disk.refuse_reading()
            result = work(self._raw)
        except Stopped:
            self._disk.die()
        except Exception as error:  # noqa: BLE001 - whatever it is belongs to whoever waits
            self._later(future, future.set_exception, error)
        else:
            self._later(future, future.set_result, result)

    def _later(self, future: asyncio.Future[Any], tell: Callable[[Any], None], what: Any) -> None:
        asyncio.get_running_loop().call_soon(self._tell, future, tell, what)

    def _tell(self, future: asyncio.Future[Any], tell: Callable[[Any], None], what: Any) -> None:
        if not self._disk.dead and not future.done():
            tell(what)


def open_writer(path: Path) -> WritingConnection:
    """Open the file for writing, without the syncs that only a power cut would show."""
    raw = sqlite.connect(
        str(path), isolation_level=None, cached_statements=connection.PREPARED_MAX, factory=WritingConnection
    )
    for pragma in _WRITER:
        raw.execute(pragma).fetchall()
    return raw


def roll_back(raw: sqlite.Connection) -> None:
    """Drop what is not committed, as the end of a process does."""
    if raw.in_transaction:
        raw.rollback()


def open_reader(path: Path) -> sqlite.Connection:
    """Open the file for reading only."""
    raw = sqlite.connect(str(path), isolation_level=None, cached_statements=connection.PREPARED_MAX)
    for pragma in _READER:
        raw.execute(pragma).fetchall()
    return raw
