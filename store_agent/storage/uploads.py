"""Uploads on their way: deferred calls of which only the newest of a kind has to arrive (DESIGN, section 6)."""

import hashlib
from dataclasses import dataclass
from functools import partial

from store_agent.clock import Clock
from store_agent.domain.lifecycle import State
from store_agent.storage import sqlite
from store_agent.storage.database import Database
from store_agent.storage.deferral import AGENT, Deferral, defer
from store_agent.storage.queries import load

_SQL = load("uploads")


@dataclass(frozen=True, slots=True)
class Upload:
    """What became of an upload so far. Times are milliseconds since 1970; `error` is in words for a manager."""

    sequence: int
    state: State
    accepted_at: int
    settled_at: int | None
    error: str | None


class Uploads:
    """Puts uploads into the outbox. Raises Busy or StorageFailure."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def put(self, call: str, payload: str, *, again: bool) -> int | None:
        """Hand over an upload; gives its sequence, None if the same was handed over last and is not wanted `again`."""
        now = int(self._clock.wall() * 1000)
        return await self._database.write(partial(_put, call, payload, again, now))

    async def last(self, call: str) -> Upload | None:
        """Give the newest upload of a kind, None if there is none; costs the same at any size of the queue."""
        return await self._database.read(partial(_last, call))


def _put(call: str, payload: str, again: bool, now: int, raw: sqlite.Connection) -> int | None:  # noqa: FBT001 - private
    key = f"{call}_digest"
    digest = hashlib.sha256(payload.encode()).hexdigest()
    if not again and raw.execute(_SQL["digest"], (key,)).fetchone() == (digest,):
        return None
    deferral = _deferral(call, payload)
    raw.execute(_SQL["supersede"], (now, deferral.key))
    raw.execute(_SQL["note"], (key, digest))
    return defer(raw, deferral, now)


def _last(call: str, raw: sqlite.Connection) -> Upload | None:
    found = raw.execute(_SQL["last"], (_deferral(call).key,)).fetchone()
    if found is None:
        return None
    sequence, state, *rest = found
    return Upload(sequence, State(state), *rest)


def _deferral(call: str, payload: str = "") -> Deferral:
    """Make the call of an upload; those of a kind are one subject."""
    return Deferral(AGENT, call, call, payload)
