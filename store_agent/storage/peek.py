"""Looking at the books of a database that no agent has open, for the words of a command."""

from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from store_agent.storage import sqlite
from store_agent.storage.books import Books, read_books
from store_agent.storage.database import FILE_NAME


def peek(directory: Path) -> Books | None:
    """Read the books, changing nothing; None where they cannot be read: no database, no right to, or damage."""
    address = f"file:{quote(str(directory / FILE_NAME))}?mode=ro"
    try:
        with closing(sqlite.connect(address, uri=True, isolation_level=None)) as raw:
            return read_books(raw)
    except (sqlite.Error, UnicodeDecodeError, KeyError):
        return None
