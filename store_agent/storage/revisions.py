"""Looking at revisions: lists with filters, page by page, and everything kept of one."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from store_agent.domain.lifecycle import State
from store_agent.storage import sqlite
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

    `text` is part of the transaction's id or of the reason, in any case.
    """

    state: State | None = None
    terminal: str | None = None
    taken_before: int | None = None
    taken_after: int | None = None
    text: str | None = None


EVERYTHING = Filter()


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a list; `next_after` is where the next part begins, None at the end."""

    rows: list[Row]
    next_after: int | None


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
    """Read a page of the list; see `Outbox.page`."""
    asked = {name: getattr(which, name) for name in ("terminal", "taken_before", "taken_after", "text")}
    scan = limit if which == Filter(which.state) else SCAN_MAX
    asked |= {"state": which.state and which.state.value, "after": after, "limit": limit, "scan": scan}
    raw.execute("BEGIN")
    try:
        rows = [_row(values) for values in raw.execute(_SQL["page"], asked).fetchall()]
        last, scanned = raw.execute(_SQL["scanned"], asked).fetchone()
    finally:
        raw.execute("COMMIT")
    if len(rows) == limit:
        return Page(rows, rows[-1].sequence)
    return Page(rows, last if scanned == scan else None)


def _row(values: Sequence[Any]) -> Row:
    sequence, transaction_id, terminal, state, amount, opened_at, modified_at, closed, voided, *rest = values
    facts = (sequence, transaction_id, terminal, State(state), amount, opened_at, modified_at)
    return Row(*facts, bool(closed), bool(voided), *rest)


def read_detail(sequence: int, raw: sqlite.Connection) -> Detail | None:
    """Read one revision with its payload; None if there is none."""
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
        payload=payload,
        request_id=request_id,
    )
