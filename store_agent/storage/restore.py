"""Putting a backup in the place of the present database, without losing or repeating what happened since.

Everything is prepared beside the present files, on copies of them; they are not touched until the restored database is
complete, checked and on the disk. Then they are moved aside, never deleted, and it takes their place in one step. The
agent must be stopped: its lock is held meanwhile.

One thing comes before: damage that the next start would mend is mended, so that the present database is what can be
saved of it, and nothing is left over that the next start would do to the restored one.
"""

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from store_agent.clock import Clock
from store_agent.errors import StorageFailure, Unavailable
from store_agent.storage import sqlite
from store_agent.storage.audit import chain_older
from store_agent.storage.connection import connect_bare
from store_agent.storage.conversion import convert
from store_agent.storage.database import FILE_NAME
from store_agent.storage.directory import make_directory, telling
from store_agent.storage.duplicate import Care, Holds, check, duplicate
from store_agent.storage.durable import write_through
from store_agent.storage.key import PLAIN, Keys
from store_agent.storage.lock import DirectoryLock
from store_agent.storage.locked import Locked, key_of
from store_agent.storage.mending import mend_at_rest
from store_agent.storage.merge import Merged, Restoring, merge
from store_agent.storage.migrate import migrate, steps

_FOLDER = "restoring"
_JOURNAL = f"{FILE_NAME}-wal"

_NOTHING_LOST = "Nothing was lost: the files are where they were, or in a folder before-restore-N beside them."


@dataclass(frozen=True, slots=True)
class Restored:
    """A restored database that is ready, and what can be said about it.

    `backup` is what the backup holds. `unreadable` says why nothing could be taken over from the present database,
    empty if it could or there is none (`present` tells). `mended` is the report of the salvage that had to come first.
    `key` is that of the present database.
    """

    directory: Path
    backup: Holds
    merged: Merged
    present: bool
    unreadable: str
    mended: str
    key: str = ""

    def put_in_place(self) -> Path | None:
        """Move the present database aside, put the restored one in its place; gives where the old one is now.

        Raises OSError; the present database is still in its place then, or the restored one already is.
        """
        aside = _move_aside(self.directory, self.key, readable=not self.unreadable) if self.present else None
        (self.directory / _FOLDER / FILE_NAME).replace(self.directory / FILE_NAME)
        write_through(self.directory)
        return aside


@contextmanager
def prepared(
    directory: Path, backup: Path, restoring: Restoring, clock: Clock, keys: Keys = PLAIN
) -> Iterator[Restored]:
    """Prepare to restore a backup; what is not put in place is thrown away at the end.

    The backup may be plain or have any of the `keys`; what is restored gets the wanted one. Raises
    TemporaryFailure (the agent runs), Unavailable (no such file), ConfigurationError (written by a newer program, or
    Locked), CannotCreate, DiskFull, Damaged or StorageFailure. The present files are as they were then, but for what
    the next start would have mended.
    """
    if not backup.is_file():
        raise Unavailable(f"There is no backup at {backup}.")
    folder = directory / _FOLDER
    with telling(directory, f"The backup cannot be restored in {directory}", _NOTHING_LOST), _locked(directory):
        mended = mend_at_rest(directory / FILE_NAME, clock, keys)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        try:
            yield _prepare(directory, backup, restoring, mended, keys)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _prepare(directory: Path, backup: Path, restoring: Restoring, mended: str, keys: Keys) -> Restored:
    restored = directory / _FOLDER / FILE_NAME
    key, going = key_of(backup, keys), threading.Event()
    holds = duplicate(backup, restored, Care(0, going), key)
    other = restored.with_name("present.db")
    there = (directory / FILE_NAME).exists()
    present_key, unreadable = _take_present(directory, other, keys) if there else (keys.wanted, "")
    if unreadable or not there:
        _delete(other)
        _open_and_close(other, present_key)
    with closing(connect_bare(restored, key)) as raw:
        try:
            raw.execute("PRAGMA secure_delete = ON").fetchall()  # what the backup has and the store let go is a guest's
            migrate(raw, restored, steps())
            chain_older(raw)
            merged = merge(raw, other, restoring, present_key)
        except sqlite.Error as error:
            raise sqlite.failure(error, "restoring") from error
    if key != keys.wanted:
        convert(restored, key, keys.wanted)
    check(restored, going, keys.wanted)
    write_through(restored)
    return Restored(directory, holds, merged, there, unreadable, mended, present_key)


def _take_present(directory: Path, copy: Path, keys: Keys) -> tuple[str, str]:
    """Copy the present database as this program would open it.

    Gives its key, and why it cannot be used, empty if it can.
    """
    try:
        key = key_of(directory / FILE_NAME, keys)
    except Locked as locked:
        return keys.wanted, str(locked)
    shutil.copyfile(directory / FILE_NAME, copy)
    if (directory / _JOURNAL).exists():
        shutil.copyfile(directory / _JOURNAL, copy.with_name(f"{copy.name}-wal"))
    try:
        _open_and_close(copy, key)
        check(copy, threading.Event(), key)
    except StorageFailure as failure:
        return key, str(failure)
    return key, ""


def _open_and_close(path: Path, key: str) -> None:
    """Bring a database, made if it is not there, to this program's schema, its journal folded into it."""
    try:
        with closing(connect_bare(path, key)) as raw:
            migrate(raw, path, steps())
            chain_older(raw)
    except sqlite.Error as error:
        raise sqlite.failure(error, "reading the present database") from error


def _move_aside(directory: Path, key: str, *, readable: bool) -> Path:
    """Give the present files a second name in a folder of their own, and take the journal out of the way."""
    if readable:
        _fold(directory / FILE_NAME, key)
    aside = _new_folder(directory)
    for name in (FILE_NAME, _JOURNAL):
        if (directory / name).exists():
            os.link(directory / name, aside / name)
    write_through(aside)
    write_through(directory)
    # A journal that stayed would be taken for one of the restored database.
    (directory / _JOURNAL).unlink(missing_ok=True)
    (directory / f"{FILE_NAME}-shm").unlink(missing_ok=True)
    write_through(directory)
    return aside


def _fold(path: Path, key: str) -> None:
    """Fold the journal of a sound database into it, so that it is one file."""
    with closing(connect_bare(path, key)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _new_folder(directory: Path) -> Path:
    number = 1
    while (folder := directory / f"before-restore-{number}").exists():
        number += 1
    folder.mkdir(mode=0o700)
    return folder


def _delete(path: Path) -> None:
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    make_directory(directory)
    lock = DirectoryLock(directory)
    lock.take()
    try:
        yield
    finally:
        lock.release()
