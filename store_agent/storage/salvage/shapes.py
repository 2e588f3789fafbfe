"""What the rows of each table look like, taken from a fresh database: by that a row is known, whatever it stood in."""

from collections.abc import Sequence
from dataclasses import dataclass

from store_agent.storage import sqlite
from store_agent.storage.queries import load
from store_agent.storage.salvage.records import Value

_SQL = load("salvage")

_TYPES: dict[str, type] = {"INTEGER": int, "TEXT": str, "BLOB": bytes}


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `needed` tells that a row cannot be without it, `is_rowid` that the rowid stands for it."""

    name: str
    type: type
    nullable: bool
    needed: bool
    is_rowid: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """A table or an index and its columns, in the order of its records."""

    name: str
    has_rowid: bool
    columns: tuple[Column, ...]

    def fits(self, values: Sequence[Value]) -> bool:
        """Tell whether a record can be a row of this; rows older than a column lack it at the end."""
        if len(values) > len(self.columns) or any(column.needed for column in self.columns[len(values) :]):
            return False
        return all(_fits(column, value) for column, value in zip(self.columns, values, strict=False))

    def row(self, rowid: int | None, values: Sequence[Value]) -> dict[str, Value]:
        """Give the values of a record by column."""
        named = zip(self.columns, values, strict=False)
        return {column.name: rowid if column.is_rowid else value for column, value in named}


def _index(name: str, indexed: str) -> Shape:
    whole = (Column(part, int, nullable=False, needed=True, is_rowid=False) for part in ("sequence", "rowid"))
    return Shape(
        name, has_rowid=False, columns=(Column(indexed, str, nullable=False, needed=True, is_rowid=False), *whole)
    )


INDEXES = (_index("revision_by_state", "state"), _index("revision_by_transaction", "transaction_id"))
"""The indexes that are a second witness of a revision. They name its sequence twice: as a column, and as the rowid."""

SEQUENCES = Shape(
    "sqlite_sequence",
    has_rowid=True,
    columns=(
        Column("name", str, nullable=False, needed=True, is_rowid=False),
        Column("seq", int, nullable=False, needed=True, is_rowid=False),
    ),
)
"""SQLite's own table of the highest number that each table gave, which tells of rows that are lost at its end."""


def read_shapes(fresh: sqlite.Connection) -> dict[str, Shape]:
    """Read the shapes of all tables of a database, by name. Tables are STRICT and have their key first."""
    return {
        name: Shape(name, not without_rowid, _columns(fresh, name, without_rowid=without_rowid))
        for name, without_rowid in fresh.execute(_SQL["tables"]).fetchall()
    }


def _columns(fresh: sqlite.Connection, table: str, *, without_rowid: bool) -> tuple[Column, ...]:
    found = []
    for name, type_name, not_null, default, key in fresh.execute(_SQL["columns"], (table,)).fetchall():
        is_rowid = bool(key) and not without_rowid
        needed = bool(not_null) and default is None
        found.append(Column(name, _TYPES[type_name], is_rowid or not not_null, needed, is_rowid))
    return tuple(found)


def _fits(column: Column, value: Value) -> bool:
    if value is None:
        return column.nullable
    return not column.is_rowid and type(value) is column.type
