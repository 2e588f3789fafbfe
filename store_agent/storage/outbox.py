"""The durable queue of revisions: freeze, settle, look (`intake` is the way in).

What is decided comes from `domain`; here it is done, each step as one unit of work. Moves are guarded by the state a
row must be in, and the number of rows moved is checked.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from store_agent.clock import Clock
from store_agent.domain.batch import BatchLimits, Candidate, FrozenBatch, Member, Request, plan
from store_agent.domain.lifecycle import OPEN, State
from store_agent.domain.settle import Decision, Deliver, Keep, Split
from store_agent.errors import StorageFailure
from store_agent.storage import sqlite
from store_agent.storage.database import Database
from store_agent.storage.queries import load

_SQL = load("outbox")

PAGE_MAX = 1_000
"""Revisions in one page."""


Assemble = Callable[[Sequence[Member]], Request]
"""Makes the platform's request out of its members; mints the request_id. Must not fail."""


@dataclass(frozen=True, slots=True)
class Row:
    """A revision in a list. Times are milliseconds since 1970, `amount` is in units of the books."""

    sequence: int
    transaction_id: str
    terminal: str
    state: State
    amount: int | None
    opened_at: str | None
    modified_at: str | None
    closed: bool
    voided: bool
    attempts: int
    batch: int | None
    error: str | None
    accepted_at: int
    settled_at: int | None
    size: int


@dataclass(frozen=True, slots=True)
class Detail:
    """Everything kept of one revision; `said` is what the platform answered, in its own words."""

    row: Row
    digest: bytes
    forwarded: str
    live: bool
    warnings: list[dict[str, Any]]
    said: str | None
    payload: bytes
    request_id: str | None


@dataclass(frozen=True, slots=True)
class Tally:
    """Revisions and their amounts together, in units of the books."""

    revisions: int
    amount: int


@dataclass(frozen=True, slots=True)
class Books:
    """The tallies of all states and of what was ever accepted, and since when the oldest open revision waits."""

    accepted: Tally
    by_state: dict[State, Tally]
    oldest_open_at: int | None

    @property
    def balanced(self) -> bool:
        """Tell whether accepted equals the sum of all states (G2)."""
        return self.accepted.revisions == sum(tally.revisions for tally in self.by_state.values())


class Outbox:
    """The queue in the database. Raises StorageFailure where the disk or the database fails."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def freeze(self, batches: int, limits: BatchLimits, assemble: Assemble) -> list[FrozenBatch]:
        """Freeze up to `batches` requests out of what waits, oldest first (G3, G4, G5)."""
        return await self._database.write(partial(_freeze, batches, limits, assemble, self._now()))

    async def unsettled(self) -> list[FrozenBatch]:
        """Give the frozen requests whose outcome is not known, oldest first; at start these go out again."""
        return await self._database.read(_unsettled)

    async def settle(self, batch: FrozenBatch, decision: Decision, assemble: Assemble) -> list[FrozenBatch]:
        """Carry out what was decided on a batch; gives the smaller batches it was split into, else none."""
        return await self._database.write(partial(_settle, batch, decision, assemble, self._now()))

    async def books(self) -> Books:
        """Count everything; costs the same at any size."""
        return await self._database.read(_books)

    async def page(self, after: int, limit: int, state: State | None) -> list[Row]:
        """Give up to `limit` revisions whose sequence is above `after`, oldest first."""
        return await self._database.read(partial(_page, after, min(limit, PAGE_MAX), state))

    async def show(self, sequence: int) -> Detail | None:
        """Give one revision, or None if there is none."""
        return await self._database.read(partial(_show, sequence))

    def _now(self) -> int:
        return int(self._clock.wall() * 1000)


def _freeze(
    batches: int, limits: BatchLimits, assemble: Assemble, now: int, raw: sqlite.Connection
) -> list[FrozenBatch]:
    found = raw.execute(_SQL["waiting_candidates"], (batches * limits.count_max,)).fetchall()
    candidates = [Candidate(sequence, size, forwarded, bool(alone)) for sequence, size, forwarded, alone in found]
    frozen: list[FrozenBatch] = []
    while candidates and len(frozen) < batches:
        chosen = plan(candidates, limits)
        frozen.append(_freeze_one(raw, [candidate.sequence for candidate in chosen], assemble, now))
        candidates = [candidate for candidate in candidates if candidate not in chosen]
    return frozen


def _freeze_one(raw: sqlite.Connection, sequences: Sequence[int], assemble: Assemble, now: int) -> FrozenBatch:
    request = assemble([_member(raw, sequence) for sequence in sequences])
    values = (request.request_id, request.endpoint, request.body, len(sequences), now)
    number = raw.execute(_SQL["insert_batch"], values).lastrowid
    assert number is not None  # noqa: S101 - an INSERT has a row id
    for sequence in sequences:
        _expect(raw.execute(_SQL["freeze"], (number, sequence)).rowcount, 1, "freeze")
    return FrozenBatch(number, request.request_id, request.endpoint, request.body, tuple(sequences))


def _member(raw: sqlite.Connection, sequence: int) -> Member:
    (payload,) = raw.execute(_SQL["payload_of"], (sequence,)).fetchone()
    (forwarded,) = raw.execute(_SQL["forwarded_of"], (sequence,)).fetchone()
    return Member(forwarded, payload)


def _unsettled(raw: sqlite.Connection) -> list[FrozenBatch]:
    return [
        FrozenBatch(number, request_id, endpoint, body, _members(raw, number), failures)
        for number, request_id, endpoint, body, failures in raw.execute(_SQL["frozen_batches"]).fetchall()
    ]


def _members(raw: sqlite.Connection, number: int) -> tuple[int, ...]:
    return tuple(sequence for (sequence,) in raw.execute(_SQL["frozen_members"], (number,)).fetchall())


def _settle(
    batch: FrozenBatch, decision: Decision, assemble: Assemble, now: int, raw: sqlite.Connection
) -> list[FrozenBatch]:
    """Settle once: a batch that is no longer frozen was settled by a commit whose return was lost."""
    if raw.execute(_SQL["is_frozen"], (batch.number,)).fetchone() is None:
        return []
    if isinstance(decision, Split):
        return _split(raw, batch, decision, assemble, now)
    if isinstance(decision, Keep):
        raw.execute(_SQL["keep_batch"], (decision.said or decision.words, decision.platform_failed, batch.number))
        noted = (decision.words, decision.said, decision.counts, batch.number)
        moved = raw.execute(_SQL["note_members"], noted).rowcount
    elif isinstance(decision, Deliver):
        _end(raw, batch, "delivered", decision.said, now)
        moved = raw.execute(_SQL["deliver_members"], (now, batch.number)).rowcount
    else:
        _end(raw, batch, "parked", decision.said, now)
        moved = raw.execute(_SQL["park_members"], (now, decision.words, decision.said, batch.number)).rowcount
    _expect(moved, len(batch.members), "settle")
    return []


def _split(
    raw: sqlite.Connection, batch: FrozenBatch, decision: Split, assemble: Assemble, now: int
) -> list[FrozenBatch]:
    _end(raw, batch, "split", decision.said or decision.words, now)
    moved = raw.execute(_SQL["release_members"], (decision.words, decision.said, batch.number)).rowcount
    _expect(moved, len(batch.members), "split")
    raw.execute(_SQL["supersede_overtaken"], (now, batch.number))
    still = {sequence for (sequence,) in raw.execute(_SQL["released_members"], (batch.number,)).fetchall()}
    parts = [[sequence for sequence in part if sequence in still] for part in decision.parts]
    return [_freeze_one(raw, part, assemble, now) for part in parts if part]


def _end(raw: sqlite.Connection, batch: FrozenBatch, state: str, answer: str, now: int) -> None:
    _expect(raw.execute(_SQL["end_batch"], (state, now, answer, batch.number)).rowcount, 1, "end batch")


def _expect(moved: int, wanted: int, step: str) -> None:
    if moved != wanted:
        raise StorageFailure(
            f"The queue is not as it should be: {step} moved {moved} of {wanted}; nothing was changed."
        )


def _books(raw: sqlite.Connection) -> Books:
    raw.execute("BEGIN")
    try:
        tallies = {
            state: Tally(revisions, amount) for state, revisions, amount in raw.execute(_SQL["tallies"]).fetchall()
        }
        oldest = [row[0] for state in OPEN for row in raw.execute(_SQL["oldest_of"], (state.value,)).fetchall()]
    finally:
        raw.execute("COMMIT")
    by_state = {state: tallies[state.value] for state in State}
    return Books(tallies["accepted"], by_state, min(oldest, default=None))


def _page(after: int, limit: int, state: State | None, raw: sqlite.Connection) -> list[Row]:
    if state is None:
        found = raw.execute(_SQL["page"], (after, limit))
    else:
        found = raw.execute(_SQL["page_of_state"], (state.value, after, limit))
    return [_row(values) for values in found.fetchall()]


def _row(values: Sequence[Any]) -> Row:
    sequence, transaction_id, terminal, state, amount, opened_at, modified_at, closed, voided, *rest = values
    facts = (sequence, transaction_id, terminal, State(state), amount, opened_at, modified_at)
    return Row(*facts, bool(closed), bool(voided), *rest)


def _show(sequence: int, raw: sqlite.Connection) -> Detail | None:
    values = raw.execute(_SQL["show"], (sequence,)).fetchone()
    if values is None:
        return None
    digest, forwarded, live, warnings, said, payload, request_id = values[15:]
    return Detail(
        _row(values[:15]), digest, forwarded, bool(live), json.loads(warnings or "[]"), said, payload, request_id
    )
