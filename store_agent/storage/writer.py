"""The group-commit writer: all units of work that wait at a moment become one transaction and one sync.

A unit of work is a function of the connection, or an item for a handler that does many items with few statements. It
must not commit, and it may be run twice: when one unit of a group fails, the group is rolled back and each unit runs
again in a transaction of its own, so that the failure is the failing unit's alone. Nobody gets a result before the
commit has returned (G1).
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar, cast

import structlog

from store_agent.clock import Clock
from store_agent.errors import Busy, StorageFailure
from store_agent.storage import sqlite
from store_agent.storage.connection import Connection, Work

T = TypeVar("T")

GROUP_MAX = 256
"""Units in one commit; bounds how long the first of a group waits for the last."""

LINGER = 0.25
"""Part of the time of a commit that the next one may wait for those who were just answered, if some wait already.

Two lanes on a slow disk would take turns else, each waiting for the other's sync and then for its own.
"""

LINGER_SECONDS_MAX = 0.01
"""No longer than this after a disk that hung."""

FEW = 8
"""With more who wait already, a commit is shared well enough, and the event loop is what everybody waits for."""

WAITING_MAX = 4_096
"""Units that may wait for a commit; beyond, callers are told to come again (G11)."""


_log = structlog.get_logger("storage")

Handler = Callable[[Sequence[Any], sqlite.Connection], list[Any]]
"""Does the same thing for many items with few statements; gives one result an item."""


class _Unit(NamedTuple):
    handler: Handler
    item: Any


_Group = list[tuple[asyncio.Future[Any], Any]]


class Writer:
    """Runs units of work on the one writing connection; `stop` lets what was taken finish.

    While one group commits, the next one gathers, and the connection's thread takes it by itself, since the event loop
    may be busy. A group takes half of those who are about (the last group, whose answers bring new units, and those
    waiting): while it commits, the loop serves the other half. Taking all would leave the loop idle during the commit
    and the disk idle after it. Where only a few are about, the disk is what they wait for, and both halves do better in
    one commit (`LINGER`).
    """

    def __init__(self, connection: Connection, clock: Clock, notice: Callable[[StorageFailure], None]) -> None:
        self._connection = connection
        self._clock = clock
        self._notice = notice
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[tuple[_Unit, asyncio.Future[Any]]] = deque()
        self._last_size = 0
        self._busy_since: float | None = None
        self._failure = ""
        self._broken = False
        self._stopping = False
        self._wanted = WAITING_MAX
        self._gathered = threading.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    async def write(self, work: Work[T]) -> T:
        """Run `work` and return its result once it is committed and synced.

        Raises Busy when too much is waiting, StorageFailure when the disk did not take the commit (the outcome is
        then unknown, but for DiskFull: nothing is stored), and whatever `work` raises (nothing of it is stored).
        """
        return cast("T", await self.write_together(_each, work))

    async def write_together(self, handler: Handler, item: Any) -> Any:
        """Have `handler` do all its items of a group at once; gives this item's result. Raises as `write`."""
        if self._stopping:
            raise StorageFailure("The agent is stopping and takes nothing more.")
        if len(self._waiting) >= WAITING_MAX:
            raise Busy("Too many sales arrive at once; send this one again in a moment.")
        future: asyncio.Future[Any] = self._loop.create_future()
        self._waiting.append((_Unit(handler, item), future))
        if len(self._waiting) >= self._wanted:
            self._gathered.set()
        if self._idle.is_set():
            self._begin()
        return await future

    def stalled_seconds(self) -> float:
        """Return for how long the commit in hand has not come back; 0 when idle (G17)."""
        since = self._busy_since
        return 0.0 if since is None else self._clock.monotonic() - since

    @property
    def failure(self) -> str:
        """Say why the last group could not be written; empty when it was (G17)."""
        return self._failure

    @property
    def alive(self) -> bool:
        """Tell whether the writer still takes work."""
        return not self._stopping

    async def stop(self) -> None:
        """Commit what was taken, then end. Safe to call again."""
        self._stopping = True
        await self._idle.wait()

    def _begin(self) -> None:
        self._idle.clear()
        self._busy_since = self._clock.monotonic()
        self._connection.submit(self._commit_all).add_done_callback(self._ended)

    def _ended(self, committed: asyncio.Future[_Group]) -> None:
        """Answer the last group and go idle, unless something arrived after the thread had looked."""
        self._busy_since = None
        if self._waiting:
            self._begin()
        else:
            self._idle.set()
        _answer(committed.result())

    def _commit_all(self, _: sqlite.Connection) -> _Group:
        """Commit group after group until nothing waits; runs on the connection's thread, which alone takes units.

        The last group is given back to be answered, the ones before are answered from here: one call to the event
        loop each.
        """
        while True:
            began = self._clock.monotonic()
            group = self._commit_group()
            if not self._waiting:
                return group
            took = self._clock.monotonic() - began
            self._loop.call_soon_threadsafe(_answer, group)
            self._gather(len(group), min(took * LINGER, LINGER_SECONDS_MAX))

    def _gather(self, answered: int, seconds: float) -> None:
        """Wait a little for those who were just answered, so that they share the next commit with those who wait."""
        if len(self._waiting) > FEW:
            return
        self._gathered.clear()
        self._wanted = len(self._waiting) + answered
        if len(self._waiting) < self._wanted:
            self._gathered.wait(seconds)
        self._wanted = WAITING_MAX

    def _commit_group(self) -> _Group:
        self._last_size = min(len(self._waiting), GROUP_MAX, (self._last_size + len(self._waiting) + 1) // 2)
        taken = [self._waiting.popleft() for _ in range(self._last_size)]
        self._busy_since = self._clock.monotonic()
        changed = False
        try:
            raw = self._mended() if self._broken else self._connection.raw
            changes = raw.total_changes
            results = commit_together([unit for unit, _ in taken], raw)
            changed = raw.total_changes > changes
        except Exception as error:  # noqa: BLE001 - whoever waits must hear of it, whatever it is
            results = [_as_failure(error)] * len(taken)
        self._remember(results, changed=changed)
        return [(future, result) for (_, future), result in zip(taken, results, strict=True)]

    def _mended(self) -> sqlite.Connection:
        """Open the file anew after the disk failed, and fold the journal into it.

        What a failed sync left in the system's cache reads well and may never reach the disk; folding writes it again.
        """
        raw = self._connection.renew()
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        self._broken = False
        _log.info("storage.reopened", words="The database was opened anew after the disk had failed.")
        return raw

    def _remember(self, results: list[Any], *, changed: bool) -> None:
        """Remember a failure until something was written; a commit of nothing proves nothing."""
        failed = [result.error for result in results if isinstance(result, _Failed)]
        failures = [error for error in failed if isinstance(error, StorageFailure)]
        self._broken = self._broken or any(sqlite.needs_renewal(error.__cause__) for error in failures)
        if failures:
            self._loop.call_soon_threadsafe(self._notice, failures[0])
        failure = str(failures[0]) if len(failures) == len(results) else ""
        if not (failure or changed):
            return
        if bool(failure) != bool(self._failure):
            _note(failure)
        self._failure = failure


def _note(failure: str) -> None:
    if failure:
        words = f"Sales cannot be stored and are refused; the tills keep them and send them again. {failure}"
        _log.error("storage.failing", words=words, reason=failure)
    else:
        _log.info("storage.recovered", words="Sales are stored again.")


def _answer(group: _Group) -> None:
    for future, result in group:
        if future.done():
            continue
        if isinstance(result, _Failed):
            future.set_exception(result.error)
        else:
            future.set_result(result)


class _Failed:
    def __init__(self, error: Exception) -> None:
        self.error = error


def _as_failure(error: Exception) -> _Failed:
    if isinstance(error, sqlite.Error | UnicodeDecodeError):
        failure = sqlite.failure(error, "a write")
    else:
        failure = StorageFailure(f"A write did not work ({error}).")
    failure.__cause__ = error
    return _Failed(failure)


def commit_together(units: Sequence[_Unit], raw: sqlite.Connection) -> list[Any]:
    """Run the units in one transaction; on a failure, each in its own. Failures come back as values, in place."""
    try:
        raw.execute("BEGIN IMMEDIATE")
        results = _run(units, raw)
    except Exception as error:  # noqa: BLE001 - the transaction must end, whatever went wrong
        _roll_back(raw)
        if len(units) == 1:
            return [_failed_work(error)]
        return [commit_together([unit], raw)[0] for unit in units]
    try:
        raw.execute("COMMIT")
    except sqlite.Error as error:
        _roll_back(raw)
        return [_as_failure(error)] * len(units)
    return results


def _run(units: Sequence[_Unit], raw: sqlite.Connection) -> list[Any]:
    """Give each handler its items, in order of arrival."""
    places: dict[Handler, list[int]] = {}
    for place, unit in enumerate(units):
        places.setdefault(unit.handler, []).append(place)
    results: list[Any] = [None] * len(units)
    for handler, own in places.items():
        for place, result in zip(own, handler([units[place].item for place in own], raw), strict=True):
            results[place] = result
    return results


def _each(works: Sequence[Work[Any]], raw: sqlite.Connection) -> list[Any]:
    return [work(raw) for work in works]


def _failed_work(error: Exception) -> _Failed:
    return _as_failure(error) if isinstance(error, sqlite.Error | UnicodeDecodeError) else _Failed(error)


def _roll_back(raw: sqlite.Connection) -> None:
    if raw.in_transaction:
        raw.execute("ROLLBACK")
