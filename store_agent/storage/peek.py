"""Looking into a database that no agent has open, or beside one that has, for the words of a command."""

from contextlib import closing
from pathlib import Path

from store_agent.domain.chain import Link
from store_agent.errors import Unavailable
from store_agent.storage import sqlite
from store_agent.storage.audit import Verdict, verify
from store_agent.storage.books import Books, read_books
from store_agent.storage.connection import connect_looking
from store_agent.storage.database import FILE_NAME
from store_agent.storage.key import PLAIN, Keys
from store_agent.storage.locked import Locked, key_of

CHAINED_SINCE_SCHEMA = 11
"""Older databases have an audit that is no chain yet."""


def peek(directory: Path, keys: Keys) -> Books | None:
    """Read the books, changing nothing; None where they cannot be read: no database, no right to, no key, or damage."""
    path = directory / FILE_NAME
    try:
        with closing(connect_looking(path, key_of(path, keys))) as raw:
            return read_books(raw)
    except (sqlite.Error, UnicodeDecodeError, KeyError, Locked, OSError):
        return None


def verify_audit(path: Path, noted: Link | None, keys: Keys = PLAIN) -> Verdict:
    """Verify the audit of a database or a backup, changing nothing.

    Raises Unavailable where there is none or it is not chained yet, Locked, StorageFailure, of which Damaged.
    """
    try:
        if not path.exists():
            raise Unavailable(f"There is no database at {path}.")
        with closing(connect_looking(path, key_of(path, keys))) as raw:
            if raw.execute("PRAGMA user_version").fetchone()[0] < CHAINED_SINCE_SCHEMA:
                raise Unavailable(f"{path} was written by an older store-agent, whose audit cannot be verified yet.")
            raw.execute("BEGIN")  # as of one moment: retention may let entries go meanwhile
            return verify(raw, noted)
    except (sqlite.Error, UnicodeDecodeError) as error:
        raise sqlite.failure(error, f"reading {path}") from error
    except OSError as error:
        raise Unavailable(f"{path} cannot be read ({error.strerror}); run this as the agent's user.") from None
