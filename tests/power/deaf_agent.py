"""The real agent with its ears closed: it answers 200 although the disk refused the commit. For a control."""

from collections.abc import Sequence
from typing import Any

from store_agent.cli.main import main
from store_agent.storage import sqlite, writer


def answer_whatever_the_disk_says(units: Sequence[Any], raw: sqlite.Connection) -> list[Any]:
    """Run the units and take the commit for granted."""
    raw.execute("BEGIN IMMEDIATE")
    results = writer._run(units, raw)
    try:
        raw.execute("COMMIT")
    except sqlite.Error:
        writer._roll_back(raw)
    return results


writer.commit_together = answer_whatever_the_disk_says

if __name__ == "__main__":
    main()
