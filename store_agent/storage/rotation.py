"""A new key for the books, while the agent is stopped. A crash at any point is made good by the next start.

The new key stands first in the key file, on the disk, before anything is encrypted with it. So the next start finds a
database with a former key and gives it the new one itself (`conversion`). A former key stays in the file for as long as
a backup or a file that was set aside needs it.
"""

import contextlib
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from store_agent.clock import Clock
from store_agent.domain.repair import Action, Deed
from store_agent.storage import sqlite
from store_agent.storage.audit import audit
from store_agent.storage.connection import connect_writer
from store_agent.storage.conversion import convert_all
from store_agent.storage.database import FILE_NAME
from store_agent.storage.key import KEYS_MAX, Keys, new_key, read_keys, write_keys
from store_agent.storage.lock import DirectoryLock
from store_agent.storage.locked import Locked, key_of
from store_agent.storage.mending import mend_at_rest

_ASIDE = ("damaged-*", "before-restore-*")


@dataclass(frozen=True, slots=True)
class Rotated:
    """What became of it: how many files still need a former key, and how many former keys are kept for them."""

    files: int
    former: int


def rotate(directory: Path, key_file: Path, backups: Iterable[Path], who: str, clock: Clock) -> Rotated:
    """Make a new key and encrypt the books with it; `who` is audited.

    Raises TemporaryFailure (the agent runs), ConfigurationError (no key, or one that does not fit), StorageFailure, of
    which DiskFull: then the next start does what is left. OSError where the key file cannot be written.
    """
    lock = DirectoryLock(directory)
    lock.take()
    try:
        return _rotate(directory, key_file, backups, Deed(Action.KEY_ROTATE, who), clock)
    finally:
        lock.release()


def _rotate(directory: Path, key_file: Path, backups: Iterable[Path], deed: Deed, clock: Clock) -> Rotated:
    path, former = directory / FILE_NAME, read_keys(key_file, make=False)[: KEYS_MAX - 1]
    mend_at_rest(path, clock, Keys(former[0], former))
    keys = Keys((key := new_key()), (key, *former))
    write_keys(key_file, keys.known)
    if path.exists():
        convert_all(path, keys)
        _note(path, key, deed, clock)
    files = [*backups, *(path for pattern in _ASIDE for path in directory.glob(f"{pattern}/{FILE_NAME}"))]
    needing = [one for file in files if (one := _former(file, keys))]
    write_keys(key_file, (key, *(one for one in former if one in needing)))
    return Rotated(len(needing), len(set(needing)))


def _former(path: Path, keys: Keys) -> str:
    """Give the former key that a file needs, empty for none."""
    with contextlib.suppress(Locked, OSError):
        key = key_of(path, keys)
        return "" if key == keys.wanted else key
    return ""


def _note(path: Path, key: str, deed: Deed, clock: Clock) -> None:
    try:
        with closing(connect_writer(path, key)) as raw:
            raw.execute("BEGIN IMMEDIATE")
            audit(deed, None, int(clock.wall() * 1000), raw)
            raw.execute("COMMIT")
    except sqlite.Error as error:
        raise sqlite.failure(error, "noting the new key in the audit") from error
