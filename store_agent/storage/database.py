"""The database of a store: one directory, one writer, a few readers."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from store_agent.clock import Clock
from store_agent.errors import CannotCreate, StorageFailure
from store_agent.storage import sqlite
from store_agent.storage.connection import Connection, Work, open_reader, open_writer
from store_agent.storage.lock import DirectoryLock
from store_agent.storage.migrate import migrate, steps
from store_agent.storage.writer import Writer

T = TypeVar("T")

FILE_NAME = "store-agent.db"

READERS = 2
"""Reading connections: one for a page somebody looks at, one for status meanwhile."""


class Database:
    """An open database. `write` and `read` run units of work; see `writer` for what a unit may do."""

    def __init__(self, writing: Connection, readers: list[Connection], clock: Clock) -> None:
        self._writing = writing
        self._readers = readers
        self._free: asyncio.Queue[Connection] = asyncio.Queue()
        for reader in readers:
            self._free.put_nowait(reader)
        self.writer = Writer(writing, clock)

    async def write(self, work: Work[T]) -> T:
        """Commit `work`, then return its result. Raises as `Writer.write`."""
        return await self.writer.write(work)

    async def read(self, work: Work[T]) -> T:
        """Run `work` on a reading connection. Raises StorageFailure when the database cannot be read."""
        reader = await self._free.get()
        try:
            return await reader.run(work)
        except sqlite.Error as error:
            raise StorageFailure(f"The database cannot be read ({error}).") from error
        finally:
            self._free.put_nowait(reader)

    async def close(self) -> None:
        """Finish the write in hand and close every connection."""
        await self.writer.stop()
        for connection in (*self._readers, self._writing):
            await connection.close()


@asynccontextmanager
async def open_database(directory: Path, clock: Clock) -> AsyncIterator[Database]:
    """Open the database in `directory`, made if it is not there, for as long as the context lasts.

    Raises ConfigurationError (SQLite or schema do not fit), CannotCreate (directory), TemporaryFailure (another
    agent holds it), StorageFailure (the file cannot be opened).
    """
    sqlite.refuse_affected()
    _make_directory(directory)
    lock = DirectoryLock(directory)
    lock.take()
    try:
        database = await _open(directory / FILE_NAME, clock)
        try:
            yield database
        finally:
            await database.close()
    finally:
        lock.release()


async def _open(path: Path, clock: Clock) -> Database:
    connections: list[Connection] = []
    try:
        connections.append(await open_writer(path))
        await connections[0].run(lambda raw: _prepare(raw, path))
        for _ in range(READERS):
            connections.append(await open_reader(path))  # noqa: PERF401 - each must be closed if the next fails
    except BaseException as error:
        for connection in connections:
            await connection.close()
        if isinstance(error, sqlite.Error):
            raise StorageFailure(f"{path} cannot be opened: {error}.") from error
        raise
    return Database(connections[0], connections[1:], clock)


def _prepare(raw: sqlite.Connection, path: Path) -> None:
    path.chmod(0o600)
    migrate(raw, path, steps())


def _make_directory(directory: Path) -> None:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        reason = "" if os.access(directory, os.W_OK | os.X_OK) else "permission denied"
    except OSError as error:
        reason = str(error.strerror)
    if reason:
        raise CannotCreate(
            f"The storage directory {directory} cannot be written ({reason}). Sales cannot be kept there. "
            "Correct storage.directory in the configuration, or give the agent's user the right to write."
        )
    if directory.stat().st_uid != os.geteuid():
        # Files made here by another user, root too, could not be opened by the agent afterwards.
        raise CannotCreate(
            f"The storage directory {directory} belongs to another user ({_owner(directory)}). Run this as that user, "
            f"for example with: sudo -u {_owner(directory)}"
        )


def _owner(directory: Path) -> str:
    try:
        return directory.owner()
    except KeyError:
        return f"#{directory.stat().st_uid}"
