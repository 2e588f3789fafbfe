"""What people do to the queue: retry, hold, release, discard; each in one commit with its entry in the audit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from store_agent.clock import Clock
from store_agent.domain.card_numbers import mask_text
from store_agent.domain.lifecycle import State
from store_agent.domain.repair import FROM_STATE, Action, Deed, why_not
from store_agent.storage import sqlite
from store_agent.storage.database import Database
from store_agent.storage.queries import load
from store_agent.storage.waiting import let_wait

_SQL = load("repair")

REPAIR_MAX = 1_000
"""Revisions in one commit; more take several, so that sales get their turn between."""

_NEWEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Repaired:
    """What became of one revision: its state now, and why nothing was done (empty if it was).

    `state` is None if there is no such revision.
    """

    sequence: int
    state: State | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the audit; `at` is in milliseconds since 1970.

    `action` is one of Action, or one that a newer version of the program knew.
    """

    number: int
    at: int
    who: str
    action: str
    sequence: int | None
    reason: str


class Repair:
    """Does what people ask for. Raises Busy or StorageFailure; nothing of a commit is done then."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def do(self, deed: Deed, sequences: Sequence[int]) -> list[Repaired]:
        """Do something to each revision that is in the state for it; gives what became of each, in order."""
        done: list[Repaired] = []
        for start in range(0, len(sequences), REPAIR_MAX):
            part = sequences[start : start + REPAIR_MAX]
            done += await self._database.write(partial(_do, deed, part, self._now()))
        return done

    async def note(self, deed: Deed) -> None:
        """Note something that concerns no single revision."""
        await self._database.write(partial(audit, deed, None, self._now()))

    async def history(self, sequence: int) -> list[Entry]:
        """Give what was done to one revision, oldest first."""
        return await self._database.read(partial(_history, sequence))

    async def audit(self, before: int | None, limit: int) -> list[Entry]:
        """Give what was done, newest first, with numbers below `before`."""
        return await self._database.read(partial(_page, before or _NEWEST, limit))

    def _now(self) -> int:
        return int(self._clock.wall() * 1000)


def audit(deed: Deed, sequence: int | None, now: int, raw: sqlite.Connection) -> None:
    """Write an entry of the audit. What is typed may hold a card number, also where no API looks at it (G16)."""
    who, reason = mask_text(deed.who), mask_text(deed.reason)
    raw.execute(_SQL["audit"], (now, who, deed.action.value, sequence, reason))


def _do(deed: Deed, sequences: Sequence[int], now: int, raw: sqlite.Connection) -> list[Repaired]:
    done = [_do_one(deed, sequence, now, raw) for sequence in sequences]
    # One may have superseded another of them.
    return [one if one.problem else replace(one, state=_state_of(raw, one.sequence)) for one in done]


def _do_one(deed: Deed, sequence: int, now: int, raw: sqlite.Connection) -> Repaired:
    state = _state_of(raw, sequence)
    if state is None:
        return Repaired(sequence, None, "There is no such sale.")
    if problem := why_not(deed.action, state):
        return Repaired(sequence, state, problem)
    audit(deed, sequence, now, raw)
    if deed.action is Action.HOLD:
        raw.execute(_SQL["hold"], (sequence,))
    elif deed.action is Action.DISCARD:
        raw.execute(_SQL["discard"], (now, sequence))
    else:
        let_wait(raw, sequence, FROM_STATE[deed.action], now)
    return Repaired(sequence, _state_of(raw, sequence))


def _state_of(raw: sqlite.Connection, sequence: int) -> State | None:
    found = raw.execute(_SQL["state_of"], (sequence,)).fetchone()
    return None if found is None else State(found[0])


def _history(sequence: int, raw: sqlite.Connection) -> list[Entry]:
    return [_entry(values) for values in raw.execute(_SQL["audit_of"], (sequence,)).fetchall()]


def _page(before: int, limit: int, raw: sqlite.Connection) -> list[Entry]:
    return [_entry(values) for values in raw.execute(_SQL["audit_page"], (before, limit)).fetchall()]


def _entry(values: Sequence[Any]) -> Entry:
    number, at, who, action, sequence, reason = values
    return Entry(number, at, who, action, sequence, reason)
