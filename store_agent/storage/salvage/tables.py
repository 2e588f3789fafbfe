"""Saves the tables beside the outbox: terminals, receipt codes, the audit, business days and what came later."""

from collections.abc import Iterable

from store_agent.storage import sqlite
from store_agent.storage.queries import load
from store_agent.storage.salvage.finds import Copy, Finds
from store_agent.storage.salvage.records import Value
from store_agent.storage.salvage.report import Recorder

_SQL = load("salvage")

_HISTORY = ("receipt_code", "terminal", "audit", "business_day", "incident")
"""Tables whose rows never lose their worth: an older copy is better than none. Of others it may have been deleted."""

_LEFT_OUT = ("print_job",)
"""A receipt can be printed again, and bytes that are damaged make a printer do anything."""

_APART = ("revision", "payload", "batch", "tally", "purged", "sqlite_sequence")


def fill_tables(fresh: sqlite.Connection, finds: Finds, names: Iterable[str], recorder: Recorder) -> None:
    """Copy the rows of all tables but those of outbox and printing. A row that breaks a rule is left out."""
    for name in names:
        if name not in (*_APART, *_LEFT_OUT):
            for copy in sorted_copies(finds, name):
                if copy.certain or name in _HISTORY:
                    recorder.rows[name] += insert(fresh, name, copy.row, over=_is_fact(name, copy.row))


def sorted_copies(finds: Finds, name: str) -> Iterable[Copy]:
    """Give the copies of a table; of terminals, which are few, the revoked ones first: none is let in again."""
    copies = finds.rows(name)
    if name != "terminal":
        return copies
    return sorted(copies, key=lambda copy: (not copy.certain, copy.row.get("revoked_at") is None))


def _is_fact(name: str, row: dict[str, Value]) -> bool:
    """Tell whether a row takes the place of what a fresh database says: not so of its schema."""
    return name == "meta" and not str(row["key"]).endswith("_usable_from")


def insert(fresh: sqlite.Connection, name: str, row: dict[str, Value], *, over: bool = False) -> int:
    """Insert a row unless there is one with its key, or `over` it; gives the number of rows, 0 if it breaks a rule."""
    statement = _SQL["insert_over" if over else "insert"].format(name, ", ".join(row), ", ".join("?" * len(row)))
    return fresh.execute(statement, tuple(row.values())).rowcount
