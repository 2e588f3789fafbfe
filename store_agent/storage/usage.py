"""What the database takes on the disk, and what of it can go when there is no room (G12)."""

from functools import partial
from pathlib import Path
from typing import NamedTuple

from store_agent.domain.lifecycle import State
from store_agent.storage import sqlite
from store_agent.storage.database import FILE_NAME, Database
from store_agent.storage.queries import load

_SQL = load("usage")

SHED_MAX = 500
"""Settled revisions looked at in one step, and texts dropped in one commit, so that sending gets its turn."""

VACUUM_PAGES_MAX = 2_000
"""Free pages given back to the disk in one commit."""

_SETTLED = (State.DELIVERED, State.SUPERSEDED, State.DISCARDED)


class Used(NamedTuple):
    """Bytes that hold something, revisions that are kept, and the highest sequence."""

    size: int
    rows: int
    newest: int


class Usage:
    """Measures and relieves the database. Raises Busy or StorageFailure.

    It remembers how far it has shed, so that no step goes again over what it did. Revisions settle in any order: once
    at the end it begins from the front, for the states into which more have come since it was there last.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._after = dict.fromkeys(_SETTLED, 0)
        self._shed = dict.fromkeys(_SETTLED, 0)

    async def measure(self) -> Used:
        """Tell what is used; costs the same at any size."""
        return await self._database.read(_measure)

    async def shed(self) -> int:
        """Drop the texts of the oldest settled revisions of a state, which stay in the books; gives how many."""
        for state in _SETTLED:
            come = await self._database.read(partial(_moves, state))
            if come > self._shed[state]:
                if dropped := await self._shed_next(state):
                    return dropped
                self._after[state], self._shed[state] = 0, come
        return 0

    async def _shed_next(self, state: State) -> int:
        """Go on to the next texts of a state; 0 at its end."""
        while found := await self._database.read(partial(_settled, state, self._after[state])):
            dropped = await self._database.write(partial(_shed, having)) if (having := _with_text(found)) else 0
            self._after[state] = found[-1][0]
            if dropped:
                return dropped
        return 0

    async def give_back(self) -> None:
        """Give free pages back to the disk."""
        await self._database.write(_vacuum)
        await self._database.fold()


def journal_bytes(directory: Path) -> int:
    """Return the size of the journal of the database in a directory; 0 if there is none."""
    try:
        return (directory / f"{FILE_NAME}-wal").stat().st_size
    except FileNotFoundError:
        return 0


def _measure(raw: sqlite.Connection) -> Used:
    pages, free, size = raw.execute(_SQL["pages"]).fetchone()
    return Used((pages - free) * size, *raw.execute(_SQL["rows"]).fetchone())


def _moves(state: State, raw: sqlite.Connection) -> int:
    return int(raw.execute(_SQL["moves"], (state.value,)).fetchone()[0])


def _settled(state: State, after: int, raw: sqlite.Connection) -> list[tuple[int, int]]:
    return raw.execute(_SQL["settled"], {"state": state.value, "after": after, "most": SHED_MAX}).fetchall()


def _with_text(found: list[tuple[int, int]]) -> list[tuple[int]]:
    return [(sequence,) for sequence, text in found if text]


def _shed(sequences: list[tuple[int]], raw: sqlite.Connection) -> int:
    return raw.executemany(_SQL["shed"], sequences).rowcount


def _vacuum(raw: sqlite.Connection) -> None:
    raw.execute(f"PRAGMA incremental_vacuum({VACUUM_PAGES_MAX})").fetchall()
