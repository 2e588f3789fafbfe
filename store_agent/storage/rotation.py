"""A new key for the books, while the agent is stopped. A crash at any point is made good by the next start.

The new key stands first in the key file, on the disk, before anything is encrypted with it. So the next start finds a
database with a former key and gives it the new one itself (`conversion`). Former keys stay in the file: nobody here can
know which copies of backups elsewhere still need them.
"""

import contextlib
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from store_agent.clock import Clock
from store_agent.domain.repair import Action, Deed
from store_agent.errors import ConfigurationError
from store_agent.storage import sqlite
from store_agent.storage.audit import audit, chain_older
from store_agent.storage.connection import connect_writer
from store_agent.storage.conversion import convert_all
from store_agent.storage.database import FILE_NAME
from store_agent.storage.directory import make_directory, telling
from store_agent.storage.key import KEYS_MAX, Keys, new_key, read_keys, write_keys
from store_agent.storage.lock import DirectoryLock
from store_agent.storage.locked import Locked, key_of
from store_agent.storage.mending import mend_at_rest
from store_agent.storage.migrate import migrate, steps

_ASIDE = ("damaged-*", "before-restore-*")


@dataclass(frozen=True, slots=True)
class Rotated:
    """How many former keys are kept, and how many backups and files that were set aside here need one of them."""

    former: int
    files: int


def rotate(directory: Path, key_file: Path, backups: Iterable[Path], who: str, clock: Clock) -> Rotated:
    """Make a new key and encrypt the books with it; `who` is audited.

    Raises TemporaryFailure (the agent runs), ConfigurationError (no key, one that does not fit, or too many),
    CannotCreate (another user's directory too: the agent could read neither key nor sales afterwards), StorageFailure,
    of which DiskFull: then the next start does what is left.
    """
    make_directory(directory)
    lock = DirectoryLock(directory)
    lock.take()
    try:
        return _rotate(directory, key_file, backups, Deed(Action.KEY_ROTATE, who), clock)
    finally:
        lock.release()


def _rotate(directory: Path, key_file: Path, backups: Iterable[Path], deed: Deed, clock: Clock) -> Rotated:
    path, former = directory / FILE_NAME, read_keys(key_file, make=False)
    if len(former) >= KEYS_MAX:
        raise ConfigurationError(
            f"{key_file} has {len(former)} keys, which is as many as can be. Delete those at the end that no backup "
            "needs any more, then try again."
        )
    mend_at_rest(path, clock, Keys(former[0], former))
    key_of(path, Keys(former[0], former))
    keys = Keys((key := new_key()), (key, *former))
    with telling(key_file.parent, f"The new key cannot be written to {key_file}", "Nothing was changed."):
        write_keys(key_file, keys.known)
    if path.exists():
        convert_all(path, keys)
        _note(path, key, deed, clock)
    files = [*backups, *(path for pattern in _ASIDE for path in directory.glob(f"{pattern}/{FILE_NAME}"))]
    return Rotated(len(former), sum(_needs_former(file, keys) for file in files))


def _needs_former(path: Path, keys: Keys) -> bool:
    with contextlib.suppress(Locked, OSError):
        return key_of(path, keys) not in (keys.wanted, "")
    return False


def _note(path: Path, key: str, deed: Deed, clock: Clock) -> None:
    try:
        with closing(connect_writer(path, key)) as raw:
            migrate(raw, path, steps())
            chain_older(raw)
            raw.execute("BEGIN IMMEDIATE")
            audit(deed, None, int(clock.wall() * 1000), raw)
            raw.execute("COMMIT")
    except sqlite.Error as error:
        raise sqlite.failure(error, "noting the new key in the audit") from error
