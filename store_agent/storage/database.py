"""The database of a store: one directory, one writer, a few readers."""

import asyncio
import contextlib
import errno
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

import structlog

from store_agent.clock import Clock
from store_agent.errors import Damaged, DiskFull, StorageFailure
from store_agent.storage import sqlite
from store_agent.storage.audit import chain_older
from store_agent.storage.connection import (
    BUSY_TIMEOUT_MS,
    Connection,
    Work,
    connect_writer,
    open_reader,
    open_writer,
)
from store_agent.storage.conversion import clear, convert_all
from store_agent.storage.directory import make_directory
from store_agent.storage.integrity import examine, inspect
from store_agent.storage.key import PLAIN, Keys
from store_agent.storage.lock import DirectoryLock
from store_agent.storage.locked import key_of
from store_agent.storage.marked import mark
from store_agent.storage.mending import finish_mending, mend, suspicion
from store_agent.storage.migrate import migrate, steps
from store_agent.storage.reserve import free_bytes
from store_agent.storage.writer import Writer

T = TypeVar("T")

FILE_NAME = "store-agent.db"

OPEN_BYTES = 131_072
"""Room that opening needs: the journal's index, its first pages, the small files beside it."""

READERS = 2
"""Reading connections: one for a page somebody looks at, one for status meanwhile."""

_log = structlog.get_logger("storage")


class Database:
    """An open database. `write` and `read` run units of work; see `writer` for what a unit may do.

    `on_failure` hears of everything that the disk or the file did not do.
    """

    def __init__(self, writing: Connection, readers: list[Connection], clock: Clock) -> None:
        self._writing = writing
        self._readers = readers
        self._free: asyncio.Queue[Connection] = asyncio.Queue()
        for reader in readers:
            self._free.put_nowait(reader)
        self.on_failure: Callable[[StorageFailure], None] = _ignore
        self.writer = Writer(writing, clock, self._failed)

    async def write(self, work: Work[T]) -> T:
        """Commit `work`, then return its result. Raises as `Writer.write`."""
        return await self.writer.write(work)

    async def read(self, work: Work[T]) -> T:
        """Run `work` on a reading connection. Raises StorageFailure when the database cannot be read."""
        reader = await self._free.get()
        try:
            return await reader.run(work)
        except (sqlite.Error, UnicodeDecodeError) as error:
            failure = sqlite.failure(error, "reading")
            self._failed(failure)
            if sqlite.needs_renewal(error):
                with contextlib.suppress(sqlite.Error):
                    await reader.run(lambda _: reader.renew())
            raise failure from error
        except StorageFailure as failure:
            self._failed(failure)
            raise
        finally:
            self._free.put_nowait(reader)

    async def fold(self) -> None:
        """Fold the journal into the database file and cut it, unless somebody reads. Raises StorageFailure."""
        try:
            await self._writing.run(_fold)
        except sqlite.Error as error:
            failure = sqlite.failure(error, "folding the journal into the database")
            self._failed(failure)
            raise failure from error

    def _failed(self, failure: StorageFailure) -> None:
        self.on_failure(failure)

    async def close(self) -> None:
        """Finish the write in hand and close every connection."""
        await self.writer.stop()
        for reader in self._readers:
            await reader.break_off()
        for connection in (*self._readers, self._writing):
            await connection.close()


def _fold(raw: sqlite.Connection) -> None:
    raw.execute("PRAGMA busy_timeout = 0").fetchall()  # who reads is not waited for: sales wait behind this
    try:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        raw.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}").fetchall()


def _ignore(_: StorageFailure) -> None:
    """Nobody listens yet; whoever waits for the write or the read hears of it."""


class Mending(NamedTuple):
    """Check the database for so many seconds before it is opened; `tell` hears of damage before it is mended."""

    check_seconds: float
    tell: Callable[[str], None]


@asynccontextmanager
async def open_database(
    directory: Path, clock: Clock, mending: Mending | None = None, keys: Keys = PLAIN
) -> AsyncIterator[Database]:
    """Open the database in `directory`, made if it is not there, for as long as the context lasts.

    With `mending` it is checked before, and from damage everything that can be read is saved into a fresh database
    (G13); then it is encrypted, decrypted or given another key if `keys` want that and there is room. Without, damage
    that shows at first sight is refused, and the database is used with the key that it has.

    Raises ConfigurationError (SQLite, schema or key do not fit), CannotCreate (directory), TemporaryFailure (another
    agent holds it), StorageFailure (the file cannot be opened), of which Damaged and DiskFull.
    """
    sqlite.refuse_affected()
    make_directory(directory)
    lock = DirectoryLock(directory)
    lock.take()
    try:
        database = await _open_sound(directory / FILE_NAME, clock, mending, keys)
        try:
            yield database
        finally:
            await database.close()
    finally:
        lock.release()


async def _open_sound(path: Path, clock: Clock, mending: Mending | None, keys: Keys) -> Database:
    try:
        key = await asyncio.to_thread(_look, path, clock, mending, keys)
        return await _open(path, clock, key)
    except Damaged as damage:
        if mending is None:
            words = f"{path} is damaged. {damage} Start the agent: it saves what can be read, and tells what cannot."
            raise Damaged(words) from None
        mending.tell(str(damage))
        return await _mend(path, str(damage), clock, keys)


async def _mend(path: Path, damage: str, clock: Clock, keys: Keys) -> Database:
    try:
        await asyncio.to_thread(mend, path, damage, clock, keys)
    except (OSError, StorageFailure) as error:
        raise _cannot_open(path, error) from error
    return await _open(path, clock, keys.wanted)


def _look(path: Path, clock: Clock, mending: Mending | None, keys: Keys) -> str:
    """Look at the file before it is used; gives its key. Raises Locked, Damaged, StorageFailure."""
    try:
        if mending is not None:
            finish_mending(path, keys, mending.tell)
        key = key_of(path, keys)
        if mending is None:
            damage = examine(path, key)
        else:
            connect = partial(connect_writer, path, key)
            damage = suspicion(path.parent) or inspect(path, connect, mending.check_seconds, clock, key).damage
    except (OSError, StorageFailure) as error:
        raise _cannot_open(path, error) from error
    if damage:
        raise Damaged(damage)
    return key if mending is None else _converted(path, key, keys)


def _converted(path: Path, key: str, keys: Keys) -> str:
    """Give a sound database the wanted key; gives the key that it has then. Where that fails, sales come first."""
    try:
        clear(path)
        if key != keys.wanted and path.exists():
            convert_all(path, keys)
    except (OSError, StorageFailure) as error:
        words = f"The database keeps the key that it had, and sales go on; the next start tries again. {error}"
        _log.error("storage.not_converted", words=words, reason=str(error))
    return key_of(path, keys)


async def _open(path: Path, clock: Clock, key: str) -> Database:
    connections: list[Connection] = []
    try:
        connections.append(await open_writer(path, key))
        await connections[0].run(lambda raw: _prepare(raw, path, key))
        for _ in range(READERS):
            connections.append(await open_reader(path, key))  # noqa: PERF401 - each must be closed if the next fails
    except BaseException as error:
        for connection in connections:
            await connection.close()
        if isinstance(error, sqlite.Error | UnicodeDecodeError | OSError):
            raise _cannot_open(path, error) from error
        raise
    return Database(connections[0], connections[1:], clock)


def _cannot_open(path: Path, error: Exception) -> StorageFailure:
    """Tell a full disk from others: where not even the journal's index has room, SQLite gives all kinds of reasons."""
    failure = error if isinstance(error, StorageFailure) else sqlite.failure(error, f"opening {path}")
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    if isinstance(failure, Damaged | DiskFull) or (not full and free_bytes(path.parent) > OPEN_BYTES):
        return failure
    return DiskFull(f"The disk is full: {path} cannot be opened ({error}).")


def _prepare(raw: sqlite.Connection, path: Path, key: str) -> None:
    path.chmod(0o600)
    migrate(raw, path, steps())
    chain_older(raw)  # what an older version of the program wrote, or knew no chain for
    mark(path.parent, key, salt=raw.execute("PRAGMA cipher_salt").fetchone()[0] if key else "")
