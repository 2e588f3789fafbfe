"""Giving a database another key, or none, between two runs of the agent; safe against a crash at any point.

The file in use is only read: what it holds is written to a new one beside it, which is checked, written through to the
disk and then takes its place in one step. Until then a crash leaves the file as it was, and the next start begins
again; what may lie beside it is deleted. Which key the file has is told by its own pages (`locked`), so that no step
depends on a note that another step wrote. The mark names both keys before the change, so that the file is never taken
for a damaged one under a wrong key.
"""

import os
import threading
from contextlib import closing
from pathlib import Path

import structlog

from store_agent.errors import Damaged, DiskFull
from store_agent.storage import sqlite
from store_agent.storage.connection import connect_bare
from store_agent.storage.duplicate import check
from store_agent.storage.durable import write_through
from store_agent.storage.key import Keys
from store_agent.storage.locked import Locked, key_of
from store_agent.storage.marked import mark
from store_agent.storage.queries import load
from store_agent.storage.reserve import free_bytes

_SQL = load("conversion")

SPARE_BYTES = 16_777_216
"""Room that stays free on the disk: the new file is as large as the old one, and sales must go on afterwards."""

_log = structlog.get_logger("storage")


def convert_all(path: Path, keys: Keys) -> None:
    """Give the wanted key to the database at `path`, and first to the copies that upgrades left beside it.

    A copy that nobody can read stays as it is; it goes with the next upgrade. Raises as `convert`, and Locked where no
    key fits to the database.
    """
    for copy in path.parent.glob("before-schema-*.db"):
        try:
            _convert_copy(copy, keys)
        except (Locked, Damaged) as problem:
            words = (
                f"A copy from before an upgrade cannot be read and stays as it is; the next upgrade deletes it: {copy}"
            )
            _log.warning("storage.copy_not_converted", words=words, path=str(copy), reason=str(problem))
    key = key_of(path, keys)
    if key != keys.wanted:
        convert(path, key, keys.wanted)


def _convert_copy(copy: Path, keys: Keys) -> None:
    """Do to a copy what is done to the database; the mark speaks of that alone."""
    key = key_of(copy, keys)
    if key != keys.wanted:
        _put_in_place(_written(copy, key, keys.wanted), copy)


def convert(path: Path, key: str, wanted: str) -> None:
    """Write the database at `path`, which has `key`, anew with the key `wanted`, and put it in its place.

    An empty key is none. The caller holds the lock of the directory and has no connection open. Raises DiskFull,
    Damaged, StorageFailure or OSError; the database is as it was then.
    """
    new = _written(path, key, wanted)
    mark(path.parent, key, wanted)
    _put_in_place(new, path)
    mark(path.parent, wanted)
    words = (
        "The database is encrypted with the key in use now." if wanted else "The database is not encrypted any more."
    )
    _log.info("storage.converted", words=words)


def beside(path: Path) -> Path:
    """Give where the new file is written."""
    return path.with_name(f"{path.name}.converting")


def clear(path: Path) -> None:
    """Delete what a conversion that was cut short left beside the database. Raises OSError."""
    _discard(beside(path))


def _written(path: Path, key: str, wanted: str) -> Path:
    """Write a database anew beside itself; gives where."""
    new = beside(path)
    try:
        _fold(path, key)
        _leave_room(path)
        _write(path, new, key, wanted)
    except sqlite.Error as error:
        _discard(new)
        raise sqlite.failure(error, f"writing {path} anew with another key") from error
    except BaseException:
        _discard(new)
        raise
    return new


def _put_in_place(new: Path, path: Path) -> None:
    for suffix in ("-wal", "-shm"):  # empty since it was folded; it must not be taken for the new file's
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    write_through(path.parent)
    new.replace(path)
    write_through(path.parent)


def _fold(path: Path, key: str) -> None:
    with closing(connect_bare(path, key)) as raw:
        busy, *_ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise sqlite.Error("another program reads the database")


def _leave_room(path: Path) -> None:
    size, free = path.stat().st_size, free_bytes(path.parent)
    if free < size + SPARE_BYTES:
        raise DiskFull(
            f"There is no room in {path.parent} to write the database anew with another key: {free // 1_000_000:,} MB "
            f"are free, and {(size + SPARE_BYTES) // 1_000_000:,} MB are needed. Make room, then restart the agent."
        )


def _write(path: Path, new: Path, key: str, wanted: str) -> None:
    _discard(new)
    os.close(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    with closing(connect_bare(path, key)) as raw:
        raw.execute(_SQL["attach"], (str(new), f"x'{wanted}'" if wanted else ""))
        for pragma in ("auto_vacuum = INCREMENTAL", "journal_mode = OFF", "synchronous = OFF"):
            raw.execute(f"PRAGMA other.{pragma}").fetchall()
        raw.execute(_SQL["export"]).fetchall()
        (version,) = raw.execute("PRAGMA main.user_version").fetchone()
        raw.execute(f"PRAGMA other.user_version = {version}")
        _compare(raw)
        raw.execute(_SQL["detach"])
    check(new, threading.Event(), wanted)
    write_through(new)


def _compare(raw: sqlite.Connection) -> None:
    """Raise Damaged unless the new file has as many rows of everything as the old one, and the same schema."""
    for (name,) in raw.execute(_SQL["tables"]).fetchall():
        before, after = raw.execute(_SQL["counts"].format(name)).fetchone()
        if before != after:
            raise Damaged(f"Of {before} rows of {name} only {after} were written; the disk may be failing.")
    if raw.execute(_SQL["schema_differs"]).fetchone() is not None:
        raise Damaged("The schema was not written as it is; the disk may be failing.")


def _discard(new: Path) -> None:
    for suffix in ("", "-journal", "-wal", "-shm"):
        new.with_name(new.name + suffix).unlink(missing_ok=True)
