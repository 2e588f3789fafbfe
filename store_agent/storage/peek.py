"""Looking into a database that no agent has open, or beside one that has, for the words of a command."""

from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from store_agent.domain.chain import Link
from store_agent.errors import Unavailable
from store_agent.storage import sqlite
from store_agent.storage.audit import Verdict, verify
from store_agent.storage.books import Books, read_books
from store_agent.storage.database import FILE_NAME

CHAINED_SINCE_SCHEMA = 11
"""Older databases have an audit that is no chain yet."""


def peek(directory: Path) -> Books | None:
    """Read the books, changing nothing; None where they cannot be read: no database, no right to, or damage."""
    try:
        with closing(_connect(directory / FILE_NAME)) as raw:
            return read_books(raw)
    except (sqlite.Error, UnicodeDecodeError, KeyError):
        return None


def verify_audit(path: Path, noted: Link | None) -> Verdict:
    """Verify the audit of a database or a backup, changing nothing.

    Raises Unavailable where there is none or it is not chained yet, StorageFailure, of which Damaged.
    """
    if not path.exists():
        raise Unavailable(f"There is no database at {path}.")
    try:
        with closing(_connect(path)) as raw:
            if raw.execute("PRAGMA user_version").fetchone()[0] < CHAINED_SINCE_SCHEMA:
                raise Unavailable(f"{path} was written by an older store-agent, whose audit cannot be verified yet.")
            return verify(raw, noted)
    except (sqlite.Error, UnicodeDecodeError) as error:
        raise sqlite.failure(error, f"reading {path}") from error


def _connect(path: Path) -> sqlite.Connection:
    return sqlite.connect(f"file:{quote(str(path))}?mode=ro", uri=True, isolation_level=None)
