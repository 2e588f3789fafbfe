"""The way back to waiting, for what a person or a mended configuration lets go again."""

from store_agent.domain.lifecycle import State
from store_agent.storage import sqlite
from store_agent.storage.queries import load

_SQL = load("waiting")


def let_wait(raw: sqlite.Connection, sequence: int, was: State, now: int) -> bool:
    """Let a revision wait that was parked or held; gives whether it was in that state.

    If a newer revision of its transaction went on its way meanwhile, the old one is superseded instead: the platform
    must not get an older state after a newer one (G4).
    """
    if raw.execute(_SQL["to_waiting"], (sequence, was.value)).rowcount != 1:
        return False
    raw.execute(_SQL["supersede_if_overtaken"], (now, sequence))
    raw.execute(_SQL["supersede_older"], (now, sequence, sequence, sequence))
    return True
