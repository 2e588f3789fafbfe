"""The durable queue of revisions: freeze, settle, look (`intake` is the way in).

What is decided comes from `domain`; here it is done, each step as one unit of work. Moves are guarded by the state a
row must be in, and the number of rows moved is checked.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from store_agent.clock import Clock
from store_agent.domain.batch import BatchLimits, Candidate, FrozenBatch, Member, Request, Stretch, plan
from store_agent.domain.lifecycle import Listed, State
from store_agent.domain.settle import Decision, Deliver, Keep, Park, Split
from store_agent.errors import Damaged, StorageFailure
from store_agent.storage import sqlite
from store_agent.storage.attempts import Attempt, note_attempts, read_attempts
from store_agent.storage.books import Books, read_books, read_calls, read_counts
from store_agent.storage.database import Database
from store_agent.storage.deferral import AGENT
from store_agent.storage.packing import pack, packed_size, unpack
from store_agent.storage.queries import load
from store_agent.storage.revisions import (
    EVERYTHING,
    PAGE_MAX,
    Detail,
    Extent,
    Filter,
    Page,
    read_detail,
    read_extent,
    read_page,
    read_page_before,
)
from store_agent.storage.seal import Facts, request_intact, sale_intact, seal_of_request
from store_agent.storage.waiting import let_wait

_SQL = load("outbox")

_ALL = Stretch()

Assemble = Callable[[Sequence[Member]], Request]
"""Makes the platform's request out of its members; mints the request_id. Must not fail."""


class _Order(NamedTuple):
    """What a call of freeze asks for."""

    batches: int
    limits: BatchLimits
    assemble: Assemble
    stretch: Stretch


class Outbox:
    """The queue in the database. Raises StorageFailure where the disk or the database fails."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def freeze(
        self, batches: int, limits: BatchLimits, assemble: Assemble, stretch: Stretch = _ALL
    ) -> list[FrozenBatch]:
        """Freeze up to `batches` requests out of what waits in a stretch, oldest first (G3, G4, G5).

        Raises Damaged for a text that is not as it was stored (G13).
        """
        return await self._database.write(partial(_freeze, _Order(batches, limits, assemble, stretch), self._now()))

    async def extent(self) -> tuple[int, bool]:
        """Give the highest sequence ever given, and whether anything waits."""
        return await self._database.read(_extent)

    async def unsettled(self) -> list[FrozenBatch]:
        """Give the frozen requests whose outcome is not known, oldest first, without their bodies."""
        return await self._database.read(_unsettled)

    async def body(self, number: int) -> bytes | None:
        """Give the bytes of a frozen request; None if it is not frozen any more. Raises Damaged (G13)."""
        return await self._database.read(partial(_body, number))

    async def unpark_burst(self, refusals_max: int | None) -> int:
        """Let what a burst of refusals parked go again; gives how many.

        `refusals_max` leaves out those that were refused more often than that.
        """
        return await self._database.write(partial(_unpark_burst, refusals_max, self._now()))

    async def settle(self, batch: FrozenBatch, decision: Decision, assemble: Assemble) -> list[FrozenBatch]:
        """Carry out what was decided on a batch; gives the smaller batches it was split into, else none."""
        return await self._database.write(partial(_settle, batch, decision, assemble, self._now()))

    async def books(self) -> Books:
        """Count everything; costs the same at any size."""
        return await self._database.read(_books)

    async def counts(self) -> dict[str, int]:
        """Count the revisions of every state, and what was ever accepted; costs the same at any size."""
        return await self._database.read(read_counts)

    async def page(self, after: int, limit: int, which: Filter = EVERYTHING) -> Page:
        """Give up to `limit` revisions whose sequence is above `after`, oldest first.

        Looks at SCAN_MAX revisions at most, so that a page costs the same at any size; `Page.next_after` goes on.
        """
        return await self._database.read(partial(read_page, after, min(limit, PAGE_MAX), which))

    async def page_before(self, before: int, limit: int, which: Filter = EVERYTHING) -> Page:
        """Give up to `limit` revisions whose sequence is below `before`, newest first; else as `page`."""
        return await self._database.read(partial(read_page_before, before, min(limit, PAGE_MAX), which))

    async def kept(self, state: Listed | None) -> Extent:
        """Tell how far the rows of a state reach, or all of them (None); costs the same at any size."""
        return await self._database.read(partial(read_extent, state))

    async def show(self, sequence: int) -> Detail | None:
        """Give one revision, or None if there is none."""
        return await self._database.read(partial(read_detail, sequence))

    async def tries(self, sequence: int) -> list[Attempt]:
        """Give what the tries to send a revision came to, oldest first; not those that delivered it."""
        return await self._database.read(partial(read_attempts, sequence))

    def _now(self) -> int:
        return int(self._clock.wall() * 1000)


def _freeze(order: _Order, now: int, raw: sqlite.Connection) -> list[FrozenBatch]:
    most = order.batches * order.limits.count_max
    found = raw.execute(_SQL["waiting_candidates"], (*order.stretch, most)).fetchall()
    candidates = [Candidate(sequence, size, forwarded, bool(alone)) for sequence, size, forwarded, alone in found]
    frozen: list[FrozenBatch] = []
    while candidates and len(frozen) < order.batches:
        chosen = [candidate.sequence for candidate in plan(candidates, order.limits)]
        frozen.append(_freeze_one(raw, chosen, order.assemble, now))
        taken = set(chosen)
        candidates = [candidate for candidate in candidates if candidate.sequence not in taken]
    return frozen


def _freeze_one(raw: sqlite.Connection, sequences: Sequence[int], assemble: Assemble, now: int) -> FrozenBatch:
    named = json.dumps(sequences)
    sales = _intact_sales(raw, named, sequences)
    request = assemble([member for member, _ in sales])
    values = (request.request_id, request.endpoint, pack(request.body), len(sequences), now, seal_of_request(*request))
    number = raw.execute(_SQL["insert_batch"], values).lastrowid
    assert number is not None  # noqa: S101 - an INSERT has a row id
    _expect(raw.execute(_SQL["freeze"], (number, named)).rowcount, len(sequences), "freeze")
    refused_before = any(refused for _, refused in sales)
    tidying, deferred = _deferred(raw, number) if sales[0][0].call is not None else (False, False)
    return FrozenBatch(
        number,
        *request,
        len(request.body),
        tuple(sequences),
        refused_before=refused_before,
        tidying=tidying,
        deferred=deferred,
    )


def _deferred(raw: sqlite.Connection, number: int) -> tuple[bool, bool]:
    """Tell whether a request is a call that the agent makes by itself, and whether it is a deferred call at all."""
    terminal, call = raw.execute(_SQL["made_by"], (number,)).fetchone() or (None, None)
    return terminal == AGENT, call is not None


def _intact_sales(raw: sqlite.Connection, named: str, sequences: Sequence[int]) -> list[tuple[Member, bool]]:
    """Read what goes out of revisions, and whether each was refused before. A damaged text never goes out."""
    found = {row[0]: row for row in raw.execute(_SQL["sales_of"], (named,))}
    missing = [sequence for sequence in sequences if sequence not in found]
    if missing:
        raise Damaged(f"The text of sale {missing[0]} is missing in the database; it is not sent.")
    return [_intact_sale(found[sequence]) for sequence in sequences]


def _intact_sale(row: Sequence[Any]) -> tuple[Member, bool]:
    *facts, refused, stored, seal = row
    known, body = Facts(*facts), unpack(stored)
    if body is None or not sale_intact(known, body, seal):
        raise Damaged(f"The stored text of sale {known.sequence} is damaged; it is not sent.")
    return Member(known.forwarded, body, known.call), bool(refused)


def _books(raw: sqlite.Connection) -> Books:
    return replace(read_books(raw), calls=read_calls(raw))


def _extent(raw: sqlite.Connection) -> tuple[int, bool]:
    newest, waiting = raw.execute(_SQL["extent"]).fetchone()
    return newest, bool(waiting)


def _unsettled(raw: sqlite.Connection) -> list[FrozenBatch]:
    return [_without_body(raw, values) for values in raw.execute(_SQL["frozen_batches"]).fetchall()]


def _without_body(raw: sqlite.Connection, values: Sequence[Any]) -> FrozenBatch:
    number, request_id, endpoint, head, stored, failures = values
    size = packed_size(head, stored)
    members = raw.execute(_SQL["frozen_members"], (number,)).fetchall()
    sequences = tuple(sequence for sequence, _ in members)
    refused_before = any(refusals for _, refusals in members)
    tidying, deferred = _deferred(raw, number)
    known = (number, request_id, endpoint, None, size, sequences, failures, refused_before)
    return FrozenBatch(*known, tidying=tidying, deferred=deferred)


def _body(number: int, raw: sqlite.Connection) -> bytes | None:
    found = raw.execute(_SQL["body_of"], (number,)).fetchone()
    if found is None:
        return None
    request_id, endpoint, stored, seal = found
    body = unpack(stored)
    if not request_intact(request_id, endpoint, body, seal):
        raise Damaged(f"The stored request {request_id} is damaged; it is not sent.")
    return body


def _unpark_burst(refusals_max: int | None, now: int, raw: sqlite.Connection) -> int:
    parked = raw.execute(_SQL["parked_by_burst"], {"refusals_max": refusals_max}).fetchall()
    for (sequence,) in parked:
        let_wait(raw, sequence, State.PARKED, now)
    return len(parked)


def _settle(
    batch: FrozenBatch, decision: Decision, assemble: Assemble, now: int, raw: sqlite.Connection
) -> list[FrozenBatch]:
    """Settle once: a batch that is no longer frozen was settled by a commit whose return was lost."""
    if raw.execute(_SQL["is_frozen"], (batch.number,)).fetchone() is None:
        return []
    if not isinstance(decision, Deliver):
        note_attempts(raw, batch.number, decision.words, decision.said, now)
    if isinstance(decision, Split):
        return _split(raw, batch, decision, assemble, now)
    if isinstance(decision, Keep):
        raw.execute(_SQL["keep_batch"], (decision.said or decision.words, decision.blamed, batch.number))
        noted = (decision.words, decision.said, decision.counts, batch.number)
        moved = raw.execute(_SQL["note_members"], noted).rowcount
    elif isinstance(decision, Deliver):
        _end(raw, batch, "delivered", decision.said, now)
        moved = raw.execute(_SQL["deliver_members"], (now, batch.number)).rowcount
    else:
        moved = _park(raw, batch, decision, now)
    _expect(moved, len(batch.members), "settle")
    return []


def _park(raw: sqlite.Connection, batch: FrozenBatch, decision: Park, now: int) -> int:
    _end(raw, batch, "parked", decision.said, now)
    fields = json.dumps(decision.fields) if decision.fields else None
    moved = raw.execute(_SQL["park_members"], (now, decision.words, decision.said, fields, batch.number)).rowcount
    if decision.burst:
        raw.execute(_SQL["mark_burst"], (json.dumps(decision.burst),))
    return moved


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
