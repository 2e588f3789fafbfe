"""Business days: the books since the last close, and closing."""

import json
from dataclasses import dataclass
from functools import partial

from store_agent.clock import Clock
from store_agent.domain.day import ACCEPTED, NOTHING, DayBooks, Tallies, Tally, day_books
from store_agent.domain.lifecycle import State
from store_agent.domain.repair import Deed
from store_agent.storage import sqlite
from store_agent.storage.audit import audit
from store_agent.storage.books import read_tallies
from store_agent.storage.database import Database
from store_agent.storage.queries import load

_SQL = load("days")

_NEWEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """A day that was closed; `closed_at` is in milliseconds since 1970, `reason` empty if nothing was open."""

    number: int
    closed_at: int
    closed_by: str
    reason: str


class Days:
    """The business days of the store. Raises Busy or StorageFailure."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def books(self) -> DayBooks:
        """Give the books of the open day; costs the same at any size."""
        return await self._database.read(_read)

    async def close(self, deed: Deed) -> tuple[DayBooks, bool]:
        """Close the day, audited; not without a reason while something keeps it open. Tells whether it was closed."""
        now = int(self._clock.wall() * 1000)
        return await self._database.write(partial(_close, deed, now))

    async def closed(self, limit: int) -> list[ClosedDay]:
        """Give the days that were closed, newest first."""
        return await self._database.read(partial(_closed, limit))


def _read(raw: sqlite.Connection) -> DayBooks:
    raw.execute("BEGIN")
    try:
        return _open_day(raw)
    finally:
        raw.execute("COMMIT")


def _open_day(raw: sqlite.Connection) -> DayBooks:
    number, since, tallies = raw.execute(_SQL["last"]).fetchone() or (0, None, None)
    return day_books(number + 1, since, _from_json(tallies), read_tallies(raw))


def _close(deed: Deed, now: int, raw: sqlite.Connection) -> tuple[DayBooks, bool]:
    books = _open_day(raw)
    if books.unfinished.revisions and not deed.reason:
        return books, False
    audit(deed, None, now, raw)
    raw.execute(_SQL["close"], (books.number, now, deed.who, deed.reason, json.dumps(read_tallies(raw))))
    return books, True


def _closed(limit: int, raw: sqlite.Connection) -> list[ClosedDay]:
    return [ClosedDay(*values) for values in raw.execute(_SQL["closed"], (_NEWEST, limit)).fetchall()]


def _from_json(text: str | None) -> Tallies:
    """Read the tallies of a close; states that came later count as nothing, as do all before the first close."""
    kept = json.loads(text or "{}")
    return {name: Tally(*kept.get(name, NOTHING)) for name in (ACCEPTED, *State)}
