"""Accepting sales: the way into the outbox, and the receipt codes that come out (G1, G8, G9).

A call's sales are accepted together or not at all. The same terminal that sends the same text of a transaction again,
to the letter and with the same container fields, gets the first answer again and makes no second row (G9). Whatever
differs is a new revision, which supersedes the unsent ones before it.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from store_agent.clock import Clock
from store_agent.domain.lifecycle import State
from store_agent.domain.receipts import Code, Coded, add_codes
from store_agent.domain.transaction import Sale, SaleWarning, went_back
from store_agent.errors import StorageFailure
from store_agent.storage import sqlite
from store_agent.storage.database import Database
from store_agent.storage.queries import load

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
        now = int(self._clock.wall() * 1000)
        return await self._database.write(partial(_accept_all, arrivals, self._mint, now))


def _accept_all(
    arrivals: Sequence[Arrival], mint: Callable[[], str] | None, now: int, raw: sqlite.Connection
) -> list[Accepted]:
    return [_accept(arrival, mint, now, raw) for arrival in arrivals]


def _accept(arrival: Arrival, mint: Callable[[], str] | None, now: int, raw: sqlite.Connection) -> Accepted:
    sale = arrival.sale
    earlier = [_Earlier(*row) for row in raw.execute(_SQL["earlier_revisions"], (sale.transaction_id,)).fetchall()]
    repeated = _find_repeated(arrival, earlier)
    if repeated is not None:
        return _answer_again(sale, repeated)
    coded = add_codes(sale, _kept_codes(earlier), mint)
    warnings = [*arrival.warnings, *_code_warnings(raw, sale, coded, arrival.at)]
    if earlier:
        warnings += went_back(sale, earlier[0].modified_at, arrival.at)
    shown = [warning.as_json() for warning in warnings]
    sequence = _insert(raw, arrival, coded, shown, now)
    if any(revision.state == State.WAITING for revision in earlier):
        raw.execute(_SQL["supersede"], (now, sale.transaction_id, sequence))
    _keep_codes(raw, sale.transaction_id, coded, now)
    return Accepted(sequence, sale.transaction_id, sale.digest, arrival.live, coded.codes, shown)


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


def _insert(raw: sqlite.Connection, arrival: Arrival, coded: Coded, warnings: list[dict[str, Any]], now: int) -> int:
    sale = arrival.sale
    body = coded.text.encode()
    values = (
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
        json.dumps([[code.payment, code.code, int(code.minted)] for code in coded.codes]) if coded.codes else None,
        json.dumps(warnings) if warnings else None,
        now,
    )
    sequence = raw.execute(_SQL["insert_revision"], values).lastrowid
    assert sequence is not None  # noqa: S101 - an INSERT has a row id
    raw.execute(_SQL["insert_payload"], (sequence, body))
    return sequence


def _codes(revision: _Earlier) -> tuple[Code, ...]:
    return tuple(
        Code(payment, code, minted=bool(minted)) for payment, code, minted in json.loads(revision.codes or "[]")
    )


def _kept_codes(earlier: Sequence[_Earlier]) -> dict[str, str]:
    """Give the codes of the transaction so far by payment; the first that was given stays (G8)."""
    return {code.payment: code.code for revision in earlier for code in _codes(revision)}


def _code_warnings(raw: sqlite.Connection, sale: Sale, coded: Coded, at: str) -> list[SaleWarning]:
    """Find codes of the POS that already belong to another transaction; the first owner keeps them."""
    found = []
    for code in coded.new:
        owner = None if code.minted else raw.execute(_CODES["owner_of"], (code.code,)).fetchone()
        if owner is not None and owner[0] != sale.transaction_id:
            message = (
                f"The receipt code of this sale already belongs to transaction {owner[0]}; "
                "only one guest can claim it. Receipt codes must be unique."
            )
            found.append(SaleWarning("receipt_code_in_use", message, f"{at}transaction_id"))
    return found


def _keep_codes(raw: sqlite.Connection, transaction_id: str, coded: Coded, now: int) -> None:
    for code in coded.new:
        values = (code.code, transaction_id, code.payment, code.minted, now)
        kept = raw.execute(_CODES["insert_code"], values).rowcount
        if code.minted and kept != 1:
            raise StorageFailure("A new receipt code was already in use; nothing was stored, send the sale again.")
