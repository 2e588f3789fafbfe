"""A complete copy of a database in use, as of one moment, and the check that a copy is sound."""

import os
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from store_agent.errors import AgentError, Damaged, DiskFull
from store_agent.storage import sqlite
from store_agent.storage.books import read_books
from store_agent.storage.connection import connect_bare
from store_agent.storage.durable import write_through
from store_agent.storage.queries import load
from store_agent.storage.reserve import free_bytes

_SQL = load("duplicate")

STEP_PAGES = 256
"""Pages copied at once (1 MiB): about a millisecond of the disk's time."""

PAUSE_SECONDS = 0.002
"""Pause after each step, in which sales get the disk to themselves."""

WRITE_THROUGH_STEPS = 8
"""Steps after which what was copied is written to the disk, so that no sync at the end holds up the sales."""

STOP_CHECK_OPERATIONS = 100_000
"""SQLite's operations after which the check of a copy looks whether it is to end; some milliseconds."""


PURGES_SINCE_SCHEMA = 4
"""Older databases do not say how many rows there should be."""


class Stopped(AgentError):
    """A copy was given up because the agent stops."""

    exit_code = 75


@dataclass(frozen=True, slots=True)
class Holds:
    """What a sound database holds: the newest sequence, and how many revisions were ever accepted."""

    newest: int
    accepted: int


@dataclass(frozen=True, slots=True)
class Care:
    """What a copy must heed: `free_min` bytes stay free on its disk, and it ends when `stop` is set."""

    free_min: int
    stop: threading.Event


def duplicate(source: Path, target: Path, care: Care, key: str = "") -> Holds:
    """Copy a database, written to the disk and checked; gives what it holds.

    `key` is that of an encrypted one; the copy has the same. `target` must not exist; nothing is left of it if this
    fails. Raises DiskFull, Damaged, StorageFailure, Stopped or OSError.
    """
    try:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        _copy(source, target, care, key)
        write_through(target)
        return check(target, care.stop, key)
    except BaseException:
        target.unlink(missing_ok=True)
        target.with_name(f"{target.name}-journal").unlink(missing_ok=True)
        raise


def check(path: Path, stop: threading.Event, key: str = "") -> Holds:
    """Look through a whole database, with its key. Raises Damaged when something is wrong, StorageFailure, Stopped."""
    with _opened(path, "checking the copy", stop, key) as raw:
        raw.execute("PRAGMA query_only = ON")
        raw.set_progress_handler(stop.is_set, STOP_CHECK_OPERATIONS)
        (found,) = raw.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise Damaged(f"{path} is damaged: {found}.")
        books = read_books(raw)
        if not books.balanced or _has_wrong_counts(raw):
            raise Damaged(f"The books of {path} do not balance; sales are missing in it.")
        return Holds(raw.execute(_SQL["newest"]).fetchone()[0], books.accepted.revisions)


def _has_wrong_counts(raw: sqlite.Connection) -> bool:
    if raw.execute("PRAGMA user_version").fetchone()[0] < PURGES_SINCE_SCHEMA:
        return False
    return any(expected != counted for _, expected, counted in raw.execute(_SQL["kept"]).fetchall())


def _copy(source: Path, target: Path, care: Care, key: str) -> None:
    with (
        _opened(source, "copying the database", care.stop, key) as raw,
        _opened(target, "writing the copy", care.stop, key) as to,
    ):
        raw.execute("PRAGMA query_only = ON")
        raw.execute("BEGIN")  # what is sold meanwhile neither gets in nor makes the copy start over
        size = raw.execute(_SQL["size"]).fetchone()[0]
        _leave_room(target, size, care)
        to.execute("PRAGMA synchronous = OFF")  # it is written through here, in portions
        steps = 0

        def stepped(*_: int) -> None:
            nonlocal steps
            steps += 1
            if steps % WRITE_THROUGH_STEPS == 0:
                write_through(target)
                _leave_room(target, 0, care)
            if care.stop.wait(PAUSE_SECONDS):
                raise Stopped("The backup was given up, because the agent stops.")

        raw.backup(to, pages=STEP_PAGES, progress=stepped)
        to.execute("PRAGMA journal_mode = DELETE").fetchall()  # a copy is one file


def _leave_room(target: Path, size: int, care: Care) -> None:
    free = free_bytes(target.parent)
    if free - size < care.free_min:
        raise DiskFull(
            f"There is no room for a backup in {target.parent}: {free // 1_000_000:,} MB are free, and "
            f"{(size + care.free_min) // 1_000_000:,} MB are needed so that sales can go on. Sales are not affected. "
            "Make room, or have backups made to another disk (backup.directory in the configuration)."
        )


@contextmanager
def _opened(path: Path, doing: str, stop: threading.Event, key: str) -> Iterator[sqlite.Connection]:
    try:
        with closing(connect_bare(path, key, check_same_thread=False)) as raw:
            yield raw
    except sqlite.Error as error:
        if stop.is_set():
            raise Stopped("The backup was given up, because the agent stops.") from None
        raise sqlite.failure(error, doing) from error
