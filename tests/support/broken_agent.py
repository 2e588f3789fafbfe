"""The real agent with its durability broken: it answers before the commit. For the control of the crash test.

A commit is put off until 64 units have gathered, so that a kill meets sales that were answered and not committed.
"""

from collections.abc import Sequence
from typing import Any

from store_agent.cli.main import main
from store_agent.storage import sqlite, writer
from store_agent.storage.connection import Work

COMMIT_EVERY = 64

_real = writer.commit_together
_held: list[int] = []


def answer_before_commit(works: Sequence[Work[Any]], raw: sqlite.Connection) -> list[Any]:
    """Run the works in a transaction that stays open for a while."""
    if not raw.in_transaction:
        raw.execute("BEGIN IMMEDIATE")
    results = [work(raw) for work in works]
    _held.append(len(works))
    if sum(_held) >= COMMIT_EVERY:
        raw.execute("COMMIT")
        _held.clear()
    return results


writer.commit_together = answer_before_commit

if __name__ == "__main__":
    main()
