"""Filling a database with rows in any state, which its triggers rightly refuse to everybody else.

Rows that come from another database have lived already: they cannot be led through the lifecycle again, and the tallies
would count their moves. So inside one transaction the guards are taken away, the rows are put in, the tallies are
counted anew from the rows, and the guards are put back exactly as the schema has them. A failure rolls all that back.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from store_agent.storage import sqlite
from store_agent.storage.queries import load

_SQL = load("unguarded")


@contextmanager
def unguarded(raw: sqlite.Connection) -> Iterator[None]:
    """Let rows be put in freely, in a transaction of their own; then count them, guard them again and commit.

    Raises sqlite.Error and changes nothing if the rows break what the schema itself demands, such as two revisions of
    one transaction in flight (G4).
    """
    raw.execute("BEGIN IMMEDIATE")
    try:
        guards = raw.execute(_SQL["guards"]).fetchall()
        for kind, name, _ in guards:
            raw.execute(f"DROP {kind} main.{name}")
        yield
        raw.execute(_SQL["count"])
        raw.execute(_SQL["count_accepted"])
        for _, _, text in guards:
            raw.execute(text)
    except BaseException:
        if raw.in_transaction:
            raw.execute("ROLLBACK")
        raise
    raw.execute("COMMIT")
