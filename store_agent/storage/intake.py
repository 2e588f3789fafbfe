"""Accepting sales: the way into the outbox, and the receipt codes that come out (G1, G8, G9).

A call's sales are accepted together or not at all. The same terminal that sends the same text of a transaction again,
to the letter and with the same container fields, gets the first answer again and makes no second row (G9). Whatever
differs is a new revision, which supersedes the unsent ones before it.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from store_agent.clock import Clock
from store_agent.domain.lifecycle import State
from store_agent.domain.receipts import Code, Coded, add_codes
from store_agent.domain.transaction import Sale, SaleWarning, went_back
from store_agent.errors import StorageFailure
from store_agent.storage import sqlite
from store_agent.storage.database import Database
from store_agent.storage.queries import load
from store_agent.storage.rows import insert_rows

_SQL = load("intake")
_CODES = load("receipts")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A sale at the door: who sent it, its container fields, and whether it can go out live.

    `at` is the path of the sale in its request, for warnings; `warnings` are those found so far.
    """

    terminal: str
    sale: Sale
    forwarded: str
    alone: bool
    live: bool
    at: str
    warnings: tuple[SaleWarning, ...] = ()


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the POS is told of a sale once it is committed; `repeated` marks an answer given before."""

    sequence: int
    transaction_id: str
    digest: bytes
    live: bool
    codes: tuple[Code, ...]
    warnings: list[dict[str, Any]]
    repeated: bool = False


class _Earlier(NamedTuple):
    sequence: int
    terminal: str
    digest: bytes
    forwarded: str
    modified_at: str | None
    live: int
    codes: str | None
    warnings: str | None
    state: str


class Intake:
    """Takes sales into the database. `mint` makes receipt codes; None means that receipts carry none."""

    def __init__(self, database: Database, clock: Clock, mint: Callable[[], str] | None) -> None:
        self._database = database
        self._clock = clock
        self._mint = mint

    async def accept(self, arrivals: Sequence[Arrival]) -> list[Accepted]:
        """Commit all sales of a call, then answer for each, in order.

        Raises Busy or StorageFailure; after the latter the POS must send the same sales again.
        """
        return cast("list[Accepted]", await self._database.writer.write_together(self._take, arrivals))

    def _take(self, calls: Sequence[Sequence[Arrival]], raw: sqlite.Connection) -> list[list[Accepted]]:
        """Accept the sales of all calls that share a commit."""
        return _Counter(raw, self._mint, int(self._clock.wall() * 1000)).serve(calls)


class _Counter:
    """Accepts the sales of one commit in order; rows are gathered and inserted together.

    Whatever must see an earlier sale of the same commit inserts what has gathered before it looks.
    """

    def __init__(self, raw: sqlite.Connection, mint: Callable[[], str] | None, now: int) -> None:
        self._raw = raw
        self._mint = mint
        self._now = now
        self._sequence = 0
        self._seen: set[str] = set()
        self._revisions: list[Sequence[Any]] = []
        self._payloads: list[tuple[int, bytes]] = []
        self._codes: list[tuple[str, str, str, bool, int]] = []

    def serve(self, calls: Sequence[Sequence[Arrival]]) -> list[list[Accepted]]:
        """Give the answers, call by call."""
        names = [arrival.sale.transaction_id for arrivals in calls for arrival in arrivals]
        self._sequence, known = self._raw.execute(_SQL["look_around"], (json.dumps(names),)).fetchone()
        self._seen = set(json.loads(known))
        answers = [[self._accept(arrival) for arrival in arrivals] for arrivals in calls]
        self._insert()
        return answers

    def _accept(self, arrival: Arrival) -> Accepted:
        sale = arrival.sale
        earlier = self._earlier(sale.transaction_id)
        repeated = _find_repeated(arrival, earlier)
        if repeated is not None:
            return _answer_again(sale, repeated)
        coded = add_codes(sale, _kept_codes(earlier), self._mint)
        warnings = [*arrival.warnings, *self._code_warnings(sale, coded, arrival.at)]
        if earlier:
            warnings += went_back(sale, earlier[0].modified_at, arrival.at)
        shown = [warning.as_json() for warning in warnings]
        self._gather(arrival, coded, shown)
        if any(revision.state == State.WAITING for revision in earlier):
            self._raw.execute(_SQL["supersede"], (self._now, sale.transaction_id, self._sequence))
        return Accepted(self._sequence, sale.transaction_id, sale.digest, arrival.live, coded.codes, shown)

    def _earlier(self, transaction_id: str) -> list[_Earlier]:
        if transaction_id not in self._seen:
            self._seen.add(transaction_id)
            return []
        self._insert()
        return [_Earlier(*row) for row in self._raw.execute(_SQL["earlier_revisions"], (transaction_id,)).fetchall()]

    def _code_warnings(self, sale: Sale, coded: Coded, at: str) -> list[SaleWarning]:
        """Find codes of the POS that already belong to another transaction; the first owner keeps them."""
        brought = [code for code in coded.new if not code.minted]
        if brought:
            self._insert()
        found = []
        for code in brought:
            owner = self._raw.execute(_CODES["owner_of"], (code.code,)).fetchone()
            if owner is not None and owner[0] != sale.transaction_id:
                message = (
                    f"The receipt code of this sale already belongs to transaction {owner[0]}; "
                    "only one guest can claim it. Receipt codes must be unique."
                )
                found.append(SaleWarning("receipt_code_in_use", message, f"{at}transaction_id"))
        return found

    def _gather(self, arrival: Arrival, coded: Coded, warnings: list[dict[str, Any]]) -> None:
        sale = arrival.sale
        body = coded.text.encode()
        codes = [[code.payment, code.code, int(code.minted)] for code in coded.codes]
        self._sequence += 1
        self._revisions.append(
            (
                self._sequence,
                sale.transaction_id,
                arrival.terminal,
                sale.digest,
                arrival.forwarded,
                arrival.alone,
                len(body),
                sale.amount,
                sale.opened_at,
                sale.modified_at,
                sale.closed,
                sale.voided,
                arrival.live,
                json.dumps(codes) if codes else None,
                json.dumps(warnings) if warnings else None,
                self._now,
            )
        )
        self._payloads.append((self._sequence, body))
        self._codes += [(code.code, sale.transaction_id, code.payment, code.minted, self._now) for code in coded.new]

    def _insert(self) -> None:
        """Insert what has gathered."""
        minted = sum(code[3] for code in self._codes)
        insert_rows(self._raw, _SQL["insert_revision"], self._revisions)
        insert_rows(self._raw, _SQL["insert_payload"], self._payloads)
        if insert_rows(self._raw, _CODES["insert_code"], self._codes) < minted:
            raise StorageFailure("A new receipt code was already in use; nothing was stored, send the sale again.")
        self._revisions, self._payloads, self._codes = [], [], []


def _find_repeated(arrival: Arrival, earlier: Sequence[_Earlier]) -> _Earlier | None:
    for revision in earlier:
        if (revision.digest, revision.terminal, revision.forwarded) == (
            arrival.sale.digest,
            arrival.terminal,
            arrival.forwarded,
        ):
            return revision
    return None


def _answer_again(sale: Sale, revision: _Earlier) -> Accepted:
    warnings = json.loads(revision.warnings or "[]")
    live = bool(revision.live)
    return Accepted(
        revision.sequence, sale.transaction_id, sale.digest, live, _codes(revision), warnings, repeated=True
    )


def _codes(revision: _Earlier) -> tuple[Code, ...]:
    return tuple(
        Code(payment, code, minted=bool(minted)) for payment, code, minted in json.loads(revision.codes or "[]")
    )


def _kept_codes(earlier: Sequence[_Earlier]) -> dict[str, str]:
    """Give the codes of the transaction so far by payment; the first that was given stays (G8)."""
    return {code.payment: code.code for revision in earlier for code in _codes(revision)}
