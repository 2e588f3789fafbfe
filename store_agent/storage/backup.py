"""Backups: copies of the database under names of their own, rotated.

Constraints first: a backup never hinders a sale (`duplicate` says how), and what is not complete and sound never bears
the name of a backup. The name has a number of its own and the newest sale in it, since the time in it may be wrong
(G14); backups are ordered and deleted by number.
"""

import fcntl
import os
import re
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from store_agent.errors import CannotCreate, TemporaryFailure, Unavailable
from store_agent.storage.database import FILE_NAME
from store_agent.storage.directory import refuse_foreign, telling
from store_agent.storage.duplicate import Care, Holds, duplicate
from store_agent.storage.durable import write_through
from store_agent.storage.key import PLAIN, Keys
from store_agent.storage.locked import key_of

_SINCE = datetime(1970, 1, 1, tzinfo=UTC)
_NAME = re.compile(r"store-agent-(\d{6,})-\d+-\d{8}T\d{6}Z\.db")


@dataclass(frozen=True, slots=True)
class Backup:
    """A finished backup; `size` is in bytes."""

    path: Path
    size: int
    holds: Holds


class Backups:
    """The backups of the database in `storage`, kept in `directory`, which is made when it is needed.

    `keep` are kept; `free_min` bytes stay free on the disk of the database. With `keys` of an encrypted database;
    backups have the key that it has.
    """

    def __init__(self, storage: Path, directory: Path, *, keep: int, free_min: int, keys: Keys = PLAIN) -> None:
        self._keys = keys
        self._source = storage / FILE_NAME
        self._directory = directory
        self._keep = keep
        self._free_min = free_min

    def listed(self) -> list[Path]:
        """Give the backups that there are, oldest first."""
        return sorted((path for path in self._directory.glob("*.db") if _NAME.fullmatch(path.name)), key=_number)

    def thin(self) -> int:
        """Delete all but the newest if they are on the disk of the database; gives how many. Raises OSError."""
        if not self._directory.exists() or not self._on_own_disk(self._directory):
            return 0
        older = self.listed()[:-1]
        for path in older:
            path.unlink()
        return len(older)

    def make(self, at: float, stop: threading.Event) -> Backup:
        """Make the next backup, then delete the oldest if there are too many; `at` is for its name, since 1970.

        Raises CannotCreate, TemporaryFailure (another one is being made), Unavailable (no database), DiskFull, Damaged,
        StorageFailure, or Stopped when `stop` is set.
        """
        with _telling(self._directory):
            self._refuse_without_source()
            with _alone(self._directory):
                return self._make_next(at, stop)

    def make_at(self, target: Path, stop: threading.Event) -> Backup:
        """Make a backup at a path that somebody chose; a file there is replaced once the backup is sound.

        The storage directory is no place for it: everything there is the agent's. Raises as `make`.
        """
        with _telling(target.parent):
            self._refuse_target(target)
            self._refuse_without_source()
            part = target.with_name(f"{target.name}.part")
            part.unlink(missing_ok=True)
            return _finish(part, target, self._duplicate(part, stop))

    def _make_next(self, at: float, stop: threading.Event) -> Backup:
        number = max(map(_number, self.listed()), default=0) + 1
        part = self._directory / "backup.part"
        part.unlink(missing_ok=True)
        holds = self._duplicate(part, stop)
        made = _finish(part, self._directory / _name(number, holds, at), holds)
        for path in self.listed()[: -self._keep]:
            path.unlink()
        return made

    def _refuse_target(self, target: Path) -> None:
        if target.is_dir():
            raise CannotCreate(f"{target} is a directory. Say which file in it the backup is to be.")
        storage = self._source.parent.resolve()
        if any(path.is_relative_to(storage) for path in (target.parent.resolve() / target.name, target.resolve())):
            raise CannotCreate(
                f"{target} lies in the storage directory, where the agent keeps the sales. Nothing was written. Name a "
                "file elsewhere, on another disk if there is one, or leave --to out."
            )

    def _refuse_without_source(self) -> None:
        if not self._source.exists():
            raise Unavailable(f"There is no database in {self._source.parent} yet; there is nothing to back up.")
        refuse_foreign(self._source.parent)  # SQLite makes files beside the database

    def _duplicate(self, part: Path, stop: threading.Event) -> Holds:
        care = Care(self._free_min if self._on_own_disk(part.parent) else 0, stop)
        return duplicate(self._source, part, care, key_of(self._source, self._keys))

    def _on_own_disk(self, directory: Path) -> bool:
        return directory.stat().st_dev == self._source.stat().st_dev


def _finish(part: Path, path: Path, holds: Holds) -> Backup:
    part.replace(path)
    write_through(path.parent)
    return Backup(path, path.stat().st_size, holds)


def _name(number: int, holds: Holds, at: float) -> str:
    return f"store-agent-{number:06d}-{holds.newest:010d}-{_SINCE + timedelta(seconds=at):%Y%m%dT%H%M%SZ}.db"


def _number(path: Path) -> int:
    found = _NAME.fullmatch(path.name)
    return int(found[1]) if found else 0


def _telling(directory: Path) -> AbstractContextManager[None]:
    then = "Sales are not affected. The directory must be there and writable for the agent's user."
    return telling(directory, f"No backup can be written to {directory}", then)


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Keep others from making a backup there at the same time."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(directory / "backup.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise TemporaryFailure("Another backup is being made at this moment; try again when it is done.") from None
        yield
    finally:
        os.close(descriptor)
