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
"""Rows in one statement. Each number of rows is a statement of its own, which the connection keeps prepared."""

_ROW = re.compile(r"\((?:\?, )*\?\)")


def insert_rows(raw: sqlite.Connection, statement: str, rows: Sequence[Sequence[Any]]) -> int:
    """Run an `INSERT ... VALUES (?, ...)` for all rows, in order; gives how many were inserted."""
    inserted = 0
    for start in range(0, len(rows), CHUNK_MAX):
        chunk = rows[start : start + CHUNK_MAX]
        values = [value for row in chunk for value in row]
        inserted += raw.execute(_repeated(statement, len(chunk)), values).rowcount
    return inserted


@cache
def _repeated(statement: str, size: int) -> str:
    return _ROW.sub(lambda row: ", ".join([row[0]] * size), statement, count=1)
