"""Looking at revisions: lists with filters, page by page, and everything kept of one."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from store_agent.domain.lifecycle import OPEN, Listed, State
from store_agent.errors import Damaged
from store_agent.storage import sqlite
from store_agent.storage.packing import unpack
from store_agent.storage.queries import load

_SQL = load("revisions")

_ROW = 17
"""Columns of a row in a list."""

PAGE_MAX = 1_000
"""Revisions in one page."""

SCAN_MAX = 10_000
"""Revisions that are looked at for one page; what comes after is for the next."""


@dataclass(frozen=True, slots=True)
class Row:
    """A revision in a list. Times are milliseconds since 1970, `amount` is in units of the books.

    A deferred call has its endpoint in `call`, and in `follows` the transaction that it belongs to, if any.
    """

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
    call: str | None = None
    follows: str | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which revisions to list; None does not matter. Times are milliseconds since 1970.

    `text` is part of the transaction's id or of the reason, in any case; `cause` is the whole reason, to the letter.
    Amounts are in units of the books and inclusive; what has no amount is in no range.
    """

    state: Listed | State | None = None
    terminal: str | None = None
    taken_before: int | None = None
    taken_after: int | None = None
    text: str | None = None
    amount_min: int | None = None
    amount_max: int | None = None
    cause: str | None = None

    def narrows(self) -> bool:
        """Tell whether it leaves out anything of its state."""
        return self != Filter(self.state)


EVERYTHING = Filter()


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a list; the next part is what comes after `next_after`, or before `next_before`. Both None at the end."""

    rows: list[Row]
    next_after: int | None = None
    next_before: int | None = None


@dataclass(frozen=True, slots=True)
class Extent:
    """How far the rows of a state reach that are kept: first and last sequence, None if there are none.

    `revisions` counts them, calls included; `amount` is in units of the books.
    """

    first: int | None
    last: int | None
    revisions: int
    amount: int


@dataclass(frozen=True, slots=True)
class Detail:
    """Everything kept of one revision; `said` is what the platform answered, in its own words.

    `fields` are those that its refusal named; `burst` tells that the refusal was one of many in a row.
    """

    row: Row
    digest: bytes
    forwarded: str
    live: bool
    warnings: list[dict[str, Any]]
    said: str | None
    fields: list[str]
    burst: bool
    payload: bytes | None
    request_id: str | None


def read_page(after: int, limit: int, which: Filter, raw: sqlite.Connection) -> Page:
    """Read what comes after a sequence, oldest first; see `Outbox.page`."""
    rows, following = _read(raw, ("page", "scanned"), after, limit, which)
    return Page(rows, next_after=following)


def read_page_before(before: int, limit: int, which: Filter, raw: sqlite.Connection) -> Page:
    """Read what is before a sequence, newest first; see `Outbox.page_before`."""
    rows, following = _read(raw, ("page_before", "scanned_before"), before, limit, which)
    return Page(rows, next_before=following)


def read_extent(state: Listed | None, raw: sqlite.Connection) -> Extent:
    """Read how far the rows of a state reach, None for all; costs the same at any size."""
    raw.execute("BEGIN")
    try:
        states: Sequence[State | Listed | None] = OPEN if state is Listed.OPEN else (state,)
        found = [Extent(*raw.execute(_SQL["extent"], {"state": one and one.value}).fetchone()) for one in states]
    finally:
        raw.execute("COMMIT")
    return Extent(
        min((one.first for one in found if one.first is not None), default=None),
        max((one.last for one in found if one.last is not None), default=None),
        sum(one.revisions for one in found),
        sum(one.amount for one in found),
    )


def _read(
    raw: sqlite.Connection, queries: tuple[str, str], edge: int, limit: int, which: Filter
) -> tuple[list[Row], int | None]:
    """Read up to `limit` rows beyond an edge, and where the next part begins."""
    page, scanned_by = queries
    scan = SCAN_MAX if which.narrows() else limit
    asked = asdict(which) | {"state": which.state and which.state.value, "edge": edge, "limit": limit, "scan": scan}
    raw.execute("BEGIN")
    try:
        rows = [_row(values) for values in raw.execute(_SQL[page], asked).fetchall()]
        last, scanned = raw.execute(_SQL[scanned_by], asked).fetchone()
    finally:
        raw.execute("COMMIT")
    if len(rows) == limit:
        return rows, rows[-1].sequence
    return rows, last if scanned == scan else None


def _row(values: Sequence[Any]) -> Row:
    sequence, transaction_id, terminal, state, amount, opened_at, modified_at, closed, voided, *rest = values
    facts = (sequence, transaction_id, terminal, State(state), amount, opened_at, modified_at)
    return Row(*facts, bool(closed), bool(voided), *rest)


def read_newest(transaction_id: str, raw: sqlite.Connection) -> Row | None:
    """Read the newest revision of a transaction; None if none is kept."""
    values = raw.execute(_SQL["newest_of"], (transaction_id,)).fetchone()
    return None if values is None else _row(values)


def read_detail(sequence: int, raw: sqlite.Connection) -> Detail | None:
    """Read one revision with its payload; None if there is none. Raises Damaged if that cannot be read (G13)."""
    values = raw.execute(_SQL["show"], (sequence,)).fetchone()
    if values is None:
        return None
    digest, forwarded, live, warnings, said, fields, burst, payload, request_id = values[_ROW:]
    return Detail(
        row=_row(values[:_ROW]),
        digest=digest,
        forwarded=forwarded,
        live=bool(live),
        warnings=json.loads(warnings or "[]"),
        said=said,
        fields=json.loads(fields or "[]"),
        burst=bool(burst),
        payload=_text(sequence, payload),
        request_id=request_id,
    )


def _text(sequence: int, stored: bytes | None) -> bytes | None:
    """Unpack a text, if it is still kept."""
    if stored is None:
        return None
    text = unpack(stored)
    if text is None:
        raise Damaged(f"The stored text of sale {sequence} is damaged and cannot be read.")
    return text
