"""Answers of the platform, kept for when it cannot be asked: encrypted, in a file of their own (DESIGN, section 6).

It is a cache: it has a file apart from the books, is not synced at each write, stands in no backup, and one that cannot
be read, by damage or for another key, is made anew. Encryption is SQLCipher's (DESIGN, section 9).
"""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import structlog

from store_agent.clock import Clock
from store_agent.errors import Damaged, StorageFailure
from store_agent.storage import sqlite
from store_agent.storage.connection import Connection, Work, open_cache
from store_agent.storage.queries import load

T = TypeVar("T")

FILE_NAME = "remembered.db"

_SQL = load("remembered")
_SCHEMA = ("schema", "schema_times_index", "schema_names", "schema_names_index", "schema_offers", "schema_offers_index")

_log = structlog.get_logger("storage")


@dataclass(frozen=True, slots=True)
class Recollection:
    """An answer's body, and when it was given in milliseconds since 1970."""

    body: bytes
    at: int


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long answers are kept, in seconds, and how many at most."""

    seconds: float
    count: int


class Remembered:
    """The answers that are kept. Use `open_remembered`, and close it. Raises StorageFailure."""

    problem = ""

    def __init__(self, path: Path, connection: Connection, clock: Clock, bounds: Bounds) -> None:
        self._path = path
        self._connection = connection
        self._clock = clock
        self._bounds = bounds
        self._failing = False

    async def keep(self, names: Sequence[tuple[str, str]], offers: Sequence[str], body: bytes) -> None:
        """Keep an answer under names (kind and value), and for the offers in it."""
        now = int(self._clock.wall() * 1000)
        limits = {"now": now, "oldest": now - int(self._bounds.seconds * 1000), "most": self._bounds.count}
        await self._run(partial(_keep, names, offers, body, limits))

    async def forget(self, kind: str, value: str) -> None:
        """Forget the answer under a name."""
        await self._run(partial(_forget, (kind, _folded(kind, value))))

    async def find(self, kind: str, value: str) -> Recollection | None:
        """Find the last answer under a name."""
        return await self._run(partial(_find, "find", (kind, _folded(kind, value))))

    async def find_offer(self, offer: str) -> Recollection | None:
        """Find the last answer that an offer was in."""
        return await self._run(partial(_find, "find_offer", (offer,)))

    async def close(self) -> None:
        """Close the file."""
        await self._connection.break_off()
        await self._connection.close()

    async def _run(self, work: Work[T]) -> T:
        try:
            done = await self._connection.run(work)
        except (sqlite.Error, UnicodeError) as error:
            problem = sqlite.failure(error, "remembering guests")
            self._note(str(problem))
            if isinstance(problem, Damaged) or sqlite.needs_renewal(error):
                await self._begin_anew(problem)
            raise problem from error
        self._note("")
        return done

    def _note(self, problem: str) -> None:
        """Log that it fails, or no more: whoever asks goes on without an answer from memory."""
        if problem and not self._failing:
            words = f"What is remembered of guests cannot be used. Sales are not affected. {problem}"
            _log.warning("remembered.failing", words=words, reason=problem)
        elif self._failing and not problem:
            _log.info("remembered.recovered", words="What is remembered of guests can be used again.")
        self._failing = bool(problem)

    async def _begin_anew(self, problem: StorageFailure) -> None:
        """Give up a file that fails while it is in use; what fails at that is said by the next call."""
        _note_anew(problem)
        with contextlib.suppress(sqlite.Error, StorageFailure):
            await self._connection.run(self._replace)

    def _replace(self, _: sqlite.Connection) -> None:
        forget_all(self._path)
        _prepare(self._path, self._connection.renew())


class Nothing:
    """Remembers nothing, where the configuration says so, or something is wrong: `problem` says what."""

    def __init__(self, problem: str = "") -> None:
        self.problem = problem

    async def keep(self, names: Sequence[tuple[str, str]], offers: Sequence[str], body: bytes) -> None:
        """Let an answer go."""

    async def forget(self, kind: str, value: str) -> None:
        """Have nothing to forget."""

    async def find(self, kind: str, value: str) -> Recollection | None:  # noqa: ARG002 - the signature is the memory's
        """Find nothing."""
        return None

    async def find_offer(self, offer: str) -> Recollection | None:  # noqa: ARG002
        """Find nothing."""
        return None

    async def close(self) -> None:
        """Do nothing."""


async def open_remembered(path: Path, key: str, clock: Clock, bounds: Bounds) -> Remembered:
    """Open the file, made if it is not there, and anew if it cannot be read. Raises StorageFailure."""
    try:
        return await _open(path, key, clock, bounds)
    except (sqlite.Error, UnicodeDecodeError) as error:
        _note_anew(error)
        forget_all(path)
    try:
        return await _open(path, key, clock, bounds)
    except (sqlite.Error, UnicodeDecodeError) as error:
        raise sqlite.failure(error, f"opening {path}") from error


def _note_anew(problem: Exception) -> None:
    words = f"What was remembered of guests could not be read and is forgotten. Sales are not affected. {problem}"
    _log.warning("remembered.made_anew", words=words, reason=str(problem))


def forget_all(path: Path) -> None:
    """Delete the file with what belongs to it. Raises StorageFailure."""
    try:
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
    except OSError as error:
        raise StorageFailure(f"{path} cannot be deleted ({error.strerror}).") from None


async def _open(path: Path, key: str, clock: Clock, bounds: Bounds) -> Remembered:
    connection = await open_cache(path, key)
    try:
        await connection.run(partial(_prepare, path))
    except BaseException:
        with contextlib.suppress(sqlite.Error):
            await connection.close()
        raise
    return Remembered(path, connection, clock, bounds)


def _prepare(path: Path, raw: sqlite.Connection) -> None:
    path.chmod(0o600)
    for name in _SCHEMA:
        raw.execute(_SQL[name])


def _keep(
    names: Sequence[tuple[str, str]], offers: Sequence[str], body: bytes, limits: dict[str, int], raw: sqlite.Connection
) -> None:
    raw.execute("BEGIN IMMEDIATE")
    try:
        number = raw.execute(_SQL["keep"], (body, limits["now"])).lastrowid
        for kind, value in names:
            _keep_name(raw, (kind, _folded(kind, value)), number)
        for offer in offers:
            raw.execute(_SQL["keep_offer"], (offer, number))
        raw.execute(_SQL["forget_wrong_times"], limits)
        raw.execute(_SQL["forget_most"], limits)
        raw.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite.Error):
            raw.execute("ROLLBACK")
        raise


def _keep_name(raw: sqlite.Connection, name: tuple[str, str], number: int | None) -> None:
    """Keep an answer under a name; the one before goes with its last name."""
    before = raw.execute(_SQL["under_name"], name).fetchone()
    raw.execute(_SQL["keep_name"], (*name, number))
    if before is not None:
        raw.execute(_SQL["let_go"], before)


def _forget(name: tuple[str, str], raw: sqlite.Connection) -> None:
    before = raw.execute(_SQL["under_name"], name).fetchone()
    raw.execute(_SQL["forget_name"], name)
    if before is not None:
        raw.execute(_SQL["let_go"], before)


def _find(query: str, asked: tuple[str, ...], raw: sqlite.Connection) -> Recollection | None:
    found = raw.execute(_SQL[query], asked).fetchone()
    return None if found is None else Recollection(*found)


def _folded(kind: str, value: str) -> str:
    """Addresses of electronic mail are the same in any case."""
    return value.casefold() if kind == "email" else value
