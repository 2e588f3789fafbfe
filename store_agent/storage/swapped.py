"""A file that is read while its next edition is built, and then changed over to it (see `edition`).

It is a copy of what somebody can send again, and never keeps the agent from selling: without a file there is nothing in
it, and one that is damaged or of another schema is set aside, to be imported again. So there are no migrations: schemas
of other versions are met only in the moment of an upgrade, and a copy is not worth code for each of them.
"""

import asyncio
import contextlib
import errno
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

import structlog

from store_agent.clock import Clock
from store_agent.errors import Damaged, DiskFull, StorageFailure
from store_agent.storage import sqlite
from store_agent.storage.connection import Connection, Work, open_finished, open_passing
from store_agent.storage.duplicate import Care
from store_agent.storage.edition import Edition, Layout, Told, beside, publish
from store_agent.storage.history import Answer, Replaced, Version, current
from store_agent.storage.portions import Portions, Progress
from store_agent.storage.readers import Readers

T = TypeVar("T")

READERS = 2
"""Reading connections: one for a search, one for look-ups meanwhile."""

_log = structlog.get_logger("storage")


class Naming(NamedTuple):
    """What a file is called: its own name, what it holds, and the command that imports it."""

    file: str
    noun: str
    cure: str


class SwappedFile:
    """A file in a directory, whose lock the caller holds. `open` it before anything else, and close it.

    `free_min` bytes stay free on its disk. `trouble` says in words for a manager why there is nothing in it, until it
    is replaced.
    """

    def __init__(self, directory: Path, naming: Naming, layout: Layout, clock: Clock, free_min: int) -> None:
        self.path = directory / naming.file
        self.trouble: str | None = None
        self._naming = naming
        self._layout = layout
        self._clock = clock
        self._free_min = free_min
        self._building = asyncio.Lock()
        self._changing = asyncio.Lock()
        self._stop = threading.Event()
        self._readers = Readers([], None)

    async def open(self) -> None:
        """Open what there is. Raises StorageFailure only if there is no memory for an empty one."""
        with contextlib.suppress(OSError):  # what a crash left there is deleted by the next build at the latest
            beside(self.path).unlink(missing_ok=True)
        self._readers = await self._opened()

    @property
    def version(self) -> Version | None:
        """Tell which version is read now; None without any."""
        return self._readers.version

    async def read(self, work: Work[T]) -> Answer[T]:
        """Run a unit of work on one edition. Raises StorageFailure if the disk fails; damage is set aside."""
        readers = self._readers
        try:
            return await readers.read(work)
        except Damaged as damage:
            await self._give_up(readers, str(damage))
        return await self._readers.read(work)

    async def read_long(self, work: Work[T]) -> Answer[T]:
        """Run a unit of work on a connection of its own, so that others need not wait. Raises StorageFailure."""
        there = self._readers
        try:
            readers = await self._connected(1)
            try:
                return await readers.read(work)
            finally:
                await readers.break_off()
        except Damaged as damage:
            await self._give_up(there, str(damage))
            raise

    async def replace(self, prepare: Callable[[Portions], Edition], source: str, progress: Progress | None) -> Replaced:
        """Build the next edition on a thread of its own and change over to it; who is cancelled ends the build.

        Raises DiskFull, Damaged, StorageFailure or Stopped, and what `prepare` raises. The old edition stays then.
        """
        async with self._building:
            stop = self._stop = threading.Event()
            portions = Portions(beside(self.path), Care(self._free_min, stop), progress)
            told = Told(int(self._clock.wall() * 1000), source)
            building = asyncio.create_task(asyncio.to_thread(self._publish, prepare, portions, told))
            try:
                replaced = await asyncio.shield(building)
            except asyncio.CancelledError:
                stop.set()
                await asyncio.wait([building])
                building.exception()
                raise
            finally:  # also when it failed: it may have been the last sync
                await self._change_over()
            self.trouble = None
            return replaced

    async def close(self) -> None:
        """End a build and what is being read, and close everything. Nothing may be asked afterwards."""
        self._stop.set()
        async with self._building:
            await self._readers.break_off()

    def _publish(self, prepare: Callable[[Portions], Edition], portions: Portions, told: Told) -> Replaced:
        doing = f"importing the {self._naming.noun}"
        try:
            replaced = publish(self.path, self._layout, partial(prepare, portions), told)
        except (sqlite.Error, UnicodeDecodeError) as error:
            raise sqlite.failure(error, doing) from error
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise DiskFull(f"The disk is full: {doing} did not work. Make room, then import again.") from error
            raise StorageFailure(f"The disk failed: {doing} did not work ({error.strerror}).") from error
        portions.finish()
        return replaced

    async def _change_over(self) -> None:
        async with self._changing:
            before, self._readers = self._readers, await self._opened()
        await before.close()

    async def _give_up(self, damaged: Readers, reason: str) -> None:
        """Go on without what is damaged; what is being built takes its place in any case."""
        async with self._changing:
            if self._readers is not damaged:
                return
            if not self._building.locked():
                self._set_aside(reason)
            self._readers = await self._empty()
        await damaged.close()

    async def _opened(self) -> Readers:
        """Open what there is, or nothing."""
        try:
            return await self._connected(READERS)
        except Damaged as damage:
            self._set_aside(str(damage))
        except StorageFailure as failure:
            self._tell(f"The {self._naming.noun} cannot be read, and sales go on without it. {failure}")
        return await self._empty()

    async def _connected(self, count: int) -> Readers:
        """Open the file as often as that. Raises StorageFailure, of which Damaged also for another schema."""
        connections: list[Connection] = []
        try:
            _refuse_empty(self.path)
            for _ in range(count):
                connections.append(await open_finished(self.path))  # noqa: PERF401 - each must be closed if one fails
            return Readers(connections, await connections[0].run(self._version))
        except FileNotFoundError:
            return await self._empty()
        except BaseException as error:
            for connection in connections:
                await connection.close()
            if isinstance(error, sqlite.Error | ValueError | OSError):
                raise sqlite.failure(error, f"opening {self.path}") from error
            raise

    def _version(self, raw: sqlite.Connection) -> Version | None:
        (schema,) = raw.execute("PRAGMA user_version").fetchone()
        if schema != self._layout.number:
            raise Damaged(f"It was written by another version of store-agent (schema {schema}).")
        return current(raw)

    async def _empty(self) -> Readers:
        connection = await open_passing()
        await connection.run(self._make_schema)
        return Readers([connection], None)

    def _make_schema(self, raw: sqlite.Connection) -> None:
        for statement in self._layout.schema:
            raw.execute(statement)

    def _set_aside(self, reason: str) -> None:
        aside = self.path.with_name(f"{self.path.name}.set-aside")
        with contextlib.suppress(OSError):  # what cannot be renamed is replaced by the next import
            self.path.replace(aside)
        self._tell(
            f"The {self._naming.noun} cannot be used, and sales go on without it. {reason} The file was set aside as "
            f"{aside.name}. Import it again: {self._naming.cure}"
        )

    def _tell(self, words: str) -> None:
        if words != self.trouble:
            _log.warning("storage.set_aside", words=words)
        self.trouble = words


def _refuse_empty(path: Path) -> None:
    """Raise Damaged for an empty file, which SQLite would take for a new database, or OSError."""
    if not path.stat().st_size:
        raise Damaged("It is empty.")
