"""The real agent with its durability broken: it answers before the commit. For the control of the crash test.

A commit is put off until 64 units have gathered, so that a kill meets sales that were answered and not committed.
"""

from collections.abc import Sequence
from typing import Any

from store_agent.cli.main import main
from store_agent.storage import sqlite, writer

COMMIT_EVERY = 64

_held: list[int] = []


def answer_before_commit(units: Sequence[Any], raw: sqlite.Connection) -> list[Any]:
    """Run the units in a transaction that stays open for a while."""
    if not raw.in_transaction:
        raw.execute("BEGIN IMMEDIATE")
    results = writer._run(units, raw)
    _held.append(len(units))
    if sum(_held) >= COMMIT_EVERY:
        raw.execute("COMMIT")
        _held.clear()
    return results


writer.commit_together = answer_before_commit

if __name__ == "__main__":
    main()
