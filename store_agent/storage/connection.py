"""A connection on a thread of its own, that runs whole units of work there.

aiosqlite hands each statement to its thread; a unit of work is many statements, so it is handed over whole.
"""

import asyncio
import contextlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import aiosqlite

from store_agent.storage import sqlite

T = TypeVar("T")
Work = Callable[[sqlite.Connection], T]

BUSY_TIMEOUT_MS = 5_000
"""How long a statement waits for another process, such as a backup, before it fails."""

WRITER_CACHE_KIB = 8_192
READER_CACHE_KIB = 2_048
BUILDER_CACHE_KIB = 16_384

JOURNAL_BYTES_MAX = 16_777_216
"""A journal that grew longer, while somebody read for long, is cut to this when it starts anew."""

INTERRUPT_SECONDS = 0.05
"""Between two tries to end what runs on a connection that is to be closed."""

PREPARED_MAX = 256
"""Statements a connection keeps prepared: those that insert 1 to 64 rows into three tables, and some dozen others."""

_COMMON = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA temp_store = MEMORY",
)
_WRITER = (
    *_COMMON,
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = ON",
    f"PRAGMA cache_size = -{WRITER_CACHE_KIB}",
    f"PRAGMA journal_size_limit = {JOURNAL_BYTES_MAX}",
)
_CACHE = (
    *_COMMON,
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA secure_delete = ON",
    f"PRAGMA cache_size = -{READER_CACHE_KIB}",
    f"PRAGMA journal_size_limit = {JOURNAL_BYTES_MAX}",
)
_READER = (*_COMMON, f"PRAGMA cache_size = -{READER_CACHE_KIB}", "PRAGMA query_only = ON")
_BUILDER = (
    *_COMMON,
    "PRAGMA journal_mode = OFF",
    "PRAGMA synchronous = OFF",
    "PRAGMA locking_mode = EXCLUSIVE",
    f"PRAGMA cache_size = -{BUILDER_CACHE_KIB}",
)


class Connection(aiosqlite.Connection):
    """An open database file; use `open_writer` or `open_reader` to make one, and close it."""

    def submit(self, work: Work[T]) -> asyncio.Future[T]:
        """Hand a unit of work to the connection's thread; the future has what it returns or raises.

        This is aiosqlite's own way to its thread without the coroutine around it, which costs a turn of the loop.
        """
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._tx.put_nowait((future, partial(self._do, work)))
        return future

    async def break_off(self) -> None:
        """End what runs on the connection's thread, and what is waiting for it. Safe on a closed connection."""
        if not self._running:
            return
        idle = self.submit(lambda _: None)
        while not idle.done():
            # Only a statement that runs is interrupted, and the next one may be about to begin.
            with contextlib.suppress(sqlite.Error, ValueError):
                await self.interrupt()
            await asyncio.wait([idle], timeout=INTERRUPT_SECONDS)

    @property
    def raw(self) -> sqlite.Connection:
        """The connection itself, for its own thread only."""
        return self._conn

    def renew(self) -> sqlite.Connection:
        """Close the file and open it again, on the connection's own thread. Raises as opening does."""
        self._conn.close()
        self._connection = self._connector()
        return self._conn

    def _do(self, work: Work[T]) -> T:
        return work(self._conn)

    async def run(self, work: Work[T]) -> T:
        """Run a unit of work on the connection's thread and give what it returns or raises."""
        return await self.submit(work)


async def open_writer(path: Path, key: str = "") -> Connection:
    """Open the file for writing: WAL, every commit synced (G1); with the key of an encrypted one."""
    return await _open(path, _WRITER, unlocking(key))


async def open_reader(path: Path, key: str = "") -> Connection:
    """Open the file for reading only; with the key of an encrypted one."""
    return await _open(path, _READER, unlocking(key))


async def open_cache(path: Path, key: str) -> Connection:
    """Open a file that is encrypted with a key of 64 hexadecimal digits, and whose last writes may be lost."""
    return await _open(path, _CACHE, unlocking(key))


async def open_finished(path: Path) -> Connection:
    """Open a file that nobody writes any more: without locks, and whatever journal lies beside it."""
    return await _open(_finished(path), _READER)


async def open_passing() -> Connection:
    """Open a database in memory that goes with its connection."""
    return await _open(":memory:", _COMMON)


def connect_writer(path: Path, key: str = "") -> sqlite.Connection:
    """Open the file as `open_writer` does, on the caller's own thread. Raises sqlite.Error."""
    return _connect(path, _WRITER, unlocking(key))


def connect_bare(path: Path | str, key: str = "", *, check_same_thread: bool = True) -> sqlite.Connection:
    """Open a file as SQLite does by itself, on the caller's own thread; with its key, empty for a plain one.

    `path` may be an address (file:...). Raises sqlite.Error.
    """
    raw = sqlite.connect(str(path), isolation_level=None, uri=True, check_same_thread=check_same_thread)
    try:
        for pragma in unlocking(key):
            raw.execute(pragma).fetchall()
    except BaseException:
        raw.close()
        raise
    return raw


def connect_looking(path: Path, key: str = "") -> sqlite.Connection:
    """Open a file of which nothing may be changed, beside an agent that runs or without one. Raises sqlite.Error."""
    return connect_bare(f"file:{quote(str(path))}?mode=ro", key)


def connect_finished(path: Path) -> sqlite.Connection:
    """Open the file as `open_finished` does, on the caller's own thread. Raises sqlite.Error."""
    return _connect(_finished(path), _READER)


def connect_builder(path: Path) -> sqlite.Connection:
    """Open a file that is of no use until it is finished: nothing is synced, nothing can be rolled back."""
    return _connect(path, _BUILDER)


def unlocking(key: str) -> tuple[str, ...]:
    """Give what is to be done before anything is read; the raw key, so that opening costs no derivation of one."""
    return ("PRAGMA cipher_log_level = NONE", f"PRAGMA key = \"x'{key}'\"") if key else ()


def _finished(path: Path) -> str:
    return f"{path.absolute().as_uri()}?mode=ro&immutable=1"


async def _open(path: Path | str, pragmas: tuple[str, ...], before: tuple[str, ...] = ()) -> Connection:
    connection = Connection(partial(_connect, path, pragmas, before), iter_chunk_size=64)
    try:
        await connection
    except BaseException:
        # aiosqlite tells its thread to end and does not wait; without waiting it would call back into a closed loop.
        await asyncio.to_thread(connection._thread.join)  # noqa: SLF001 - aiosqlite offers no other way
        raise
    return connection


def _connect(path: Path | str, pragmas: tuple[str, ...], before: tuple[str, ...] = ()) -> sqlite.Connection:
    """Open the file; `before` is done before anything reads it."""
    raw = sqlite.connect(str(path), isolation_level=None, cached_statements=PREPARED_MAX, uri=True)
    try:
        for pragma in before:
            raw.execute(pragma).fetchall()
        if raw.execute("PRAGMA page_count").fetchone() == (0,):
            # Only an empty file can be told to give space back later; on any other this would be a write at each start.
            raw.execute("PRAGMA auto_vacuum = INCREMENTAL")
        for pragma in pragmas:
            raw.execute(pragma).fetchall()
    except BaseException:
        raw.close()
        raise
    return raw
