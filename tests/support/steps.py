"""How much work SQLite has with a query, whatever the machine: its own steps, counted by the hundred."""

from collections.abc import Callable
from typing import Any

from store_agent.storage import sqlite

EACH = 100


def steps_of(work: Callable[[sqlite.Connection], Any], raw: sqlite.Connection) -> tuple[Any, int]:
    """Do some work; gives what came of it, and how many hundred steps SQLite took."""
    taken = 0

    def step() -> int:
        nonlocal taken
        taken += 1
        return 0

    raw.set_progress_handler(step, EACH)
    try:
        return work(raw), taken
    finally:
        raw.set_progress_handler(None, EACH)
