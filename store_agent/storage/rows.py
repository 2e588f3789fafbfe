"""Inserting many rows with few statements.

Each step of SQLite lets go of Python's lock, and a busy event loop may take a while to give it back; one statement for
a group of sales instead of one a row is what makes group commit pay.
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from store_agent.storage import sqlite

CHUNK_MAX = 64
"""Rows in one statement. Chunks are powers of two, so that a handful of prepared statements serves every number."""

_ROW = re.compile(r"\((?:\?, )*\?\)")


def insert_rows(raw: sqlite.Connection, statement: str, rows: Sequence[Sequence[Any]]) -> int:
    """Run an `INSERT ... VALUES (?, ...)` for all rows, in order; gives how many were inserted."""
    inserted = start = 0
    while start < len(rows):
        size = min(CHUNK_MAX, 1 << (len(rows) - start).bit_length() - 1)
        values = [value for row in rows[start : start + size] for value in row]
        inserted += raw.execute(_repeated(statement, size), values).rowcount
        start += size
    return inserted


@cache
def _repeated(statement: str, size: int) -> str:
    return _ROW.sub(lambda row: ", ".join([row[0]] * size), statement, count=1)
