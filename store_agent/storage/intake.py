"""Accepting sales: the way into the outbox, and the receipt codes that come out (G1, G8, G9).

A call's sales are accepted together or not at all. The same terminal that sends the same text of a transaction again,
to the letter and with the same container fields, gets the first answer again and makes no second row (G9). Whatever
differs is a new revision, which supersedes the unsent ones before it.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple, cast

from store_agent.clock import Clock
from store_agent.domain.offers import Reconciled, reconcile
from store_agent.domain.offline_status import mark_offline
from store_agent.domain.receipts import WHOLE, Code, Coded, add_codes
from store_agent.domain.transaction import Sale, SaleWarning, offline_while_live, went_back
from store_agent.storage import sqlite
from store_agent.storage.codes import (
    CodeRow,
    codes_so_far,
    keep_brought,
    keep_minted,
    read_codes,
    read_list,
    settle_codes,
    take_over,
    write_codes,
)
from store_agent.storage.database import Database
from store_agent.storage.offers import carry, let_go, uses_of_transaction
from store_agent.storage.packing import pack
from store_agent.storage.queries import load
from store_agent.storage.rows import insert_rows
from store_agent.storage.seal import Facts, seal_of_sale

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
    """What the POS is told of a sale once it is committed; `repeated` marks an answer given before.

    `newest` is the last sequence that was given with it: calls about its offers come after it.
    """

    sequence: int
    transaction_id: str
    digest: bytes
    live: bool
    codes: tuple[Code, ...]
    warnings: list[dict[str, Any]]
    repeated: bool = False
    newest: int = 0


class _Earlier(NamedTuple):
    sequence: int
    modified_at: str | None
    live: int
    codes: str | None
    warnings: str | None


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

    async def known(self, arrivals: Sequence[Arrival]) -> list[Accepted] | None:
        """Answer as before if all of them were stored before, else None; nothing is written. Raises StorageFailure."""
        return await self._database.read(partial(_known, arrivals))

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
        self._with_offers: set[str] = set()
        self._revisions: list[Sequence[Any]] = []
        self._payloads: list[tuple[int, bytes, int]] = []
        self._brought: list[CodeRow] = []
        self._minted: list[CodeRow] = []

    def serve(self, calls: Sequence[Sequence[Arrival]]) -> list[list[Accepted]]:
        """Give the answers, call by call."""
        names = [arrival.sale.transaction_id for arrivals in calls for arrival in arrivals]
        asked = {"transactions": json.dumps(names)}
        self._sequence, known, with_offers = self._raw.execute(_SQL["look_around"], asked).fetchone()
        self._seen, self._with_offers = set(json.loads(known)), set(json.loads(with_offers))
        answers = [[self._accept(arrival) for arrival in arrivals] for arrivals in calls]
        self._insert()
        return answers

    def _accept(self, arrival: Arrival) -> Accepted:
        sale = arrival.sale
        newest, kept = self._so_far(sale.transaction_id)
        if newest is not None:
            repeated = self.same(arrival)
            if repeated is not None:
                return _answer_again(sale, repeated)
        coded = add_codes(sale, kept, self._mint)
        warnings = [*arrival.warnings, *self._claim_brought(sale, coded, arrival.at)]
        if newest is not None:
            warnings += went_back(sale, newest.modified_at, arrival.at)
        offers = self._reconcile(arrival)
        if arrival.live:
            warnings += offline_while_live(sale, arrival.at, offers.offline if offers else frozenset())
        if offers is not None:
            coded = replace(coded, text=mark_offline(coded.text, offers.offline)) if offers.offline else coded
            warnings += offers.warnings
        shown = [warning.as_json() for warning in warnings]
        self._gather(arrival, coded, write_codes(coded, kept), shown)
        sequence = self._sequence
        if newest is not None:
            self._raw.execute(_SQL["supersede"], (self._now, sale.transaction_id, sequence))
        if kept:
            settle_codes(sale.transaction_id, coded, self._now, self._raw)
        if offers is not None:
            self._settle_offers(offers)
        return Accepted(
            sequence, sale.transaction_id, sale.digest, arrival.live, coded.codes, shown, newest=self._sequence
        )

    def _reconcile(self, arrival: Arrival) -> Reconciled | None:
        """Hold a sale against the offers in use for its transaction, if there are any."""
        if arrival.sale.transaction_id not in self._with_offers:
            return None
        self._insert()
        return reconcile(arrival.sale, uses_of_transaction(self._raw, arrival.sale.transaction_id), arrival.at)

    def _settle_offers(self, offers: Reconciled) -> None:
        """Note what became of the offers of a sale; calls that give some back come right after it."""
        self._insert()
        carry(self._raw, offers.carried, offers.used, self._sequence)
        last = let_go(self._raw, offers.released, offers.give_back, self._now)
        self._sequence = max(self._sequence, last or 0)  # one that was on its way already is older

    def _so_far(self, transaction_id: str) -> tuple[_Earlier | None, dict[str, Code]]:
        """Give the newest state of a transaction, if there is one, and its codes by payment."""
        if transaction_id not in self._seen:
            self._seen.add(transaction_id)
            return None, {}
        self._insert()
        newest = self._one("newest_revision", (transaction_id,))
        return newest, codes_so_far(transaction_id, newest and newest.codes, self._raw)

    def same(self, arrival: Arrival) -> _Earlier | None:
        """Find the same text of the same terminal."""
        sale = arrival.sale
        return self._one("same_revision", (sale.transaction_id, sale.digest, arrival.terminal, arrival.forwarded))

    def _one(self, query: str, values: Sequence[Any]) -> _Earlier | None:
        row = self._raw.execute(_SQL[query], values).fetchone()
        return None if row is None else _Earlier(*row)

    def _claim_brought(self, sale: Sale, coded: Coded, at: str) -> list[SaleWarning]:
        """Claim codes of the POS that belong to another transaction: its sale keeps them, a mere check lets them go."""
        brought = [code for code in coded.new if not code.minted]
        if brought:
            self._insert()
        found = []
        for code in brought:
            owner = self._raw.execute(_CODES["owner_of"], (code.code,)).fetchone()
            if owner is None or owner[0] == sale.transaction_id:
                continue
            if not take_over(code, sale.transaction_id, self._raw):
                message = (
                    f"The receipt code of this sale already belongs to transaction {owner[0]}; "
                    "only one guest can claim it. Receipt codes must be unique."
                )
                found.append(
                    SaleWarning(
                        "receipt_code_in_use",
                        message,
                        at + ("guest_receipt_code" if code.payment == WHOLE else "payments"),
                    )
                )
        return found

    def _gather(self, arrival: Arrival, coded: Coded, codes: str | None, warnings: list[dict[str, Any]]) -> None:
        sale = arrival.sale
        body = coded.text.encode()
        self._sequence += 1
        facts = Facts(
            self._sequence,
            sale.transaction_id,
            arrival.terminal,
            sale.digest,
            arrival.forwarded,
            arrival.alone,
            sale.amount,
            codes,
        )
        self._revisions.append(
            (
                *facts[:6],
                len(body),
                sale.amount,
                sale.opened_at,
                sale.modified_at,
                sale.closed,
                sale.voided,
                arrival.live,
                codes,
                json.dumps(warnings) if warnings else None,
                self._now,
            )
        )
        self._payloads.append((self._sequence, pack(body), seal_of_sale(facts, body)))
        for code in coded.new:
            row = (code.code, sale.transaction_id, code.payment, code.minted, self._now, None, None)
            (self._minted if code.minted else self._brought).append(row)

    def _insert(self) -> None:
        """Insert what has gathered."""
        insert_rows(self._raw, _SQL["insert_revision"], self._revisions)
        insert_rows(self._raw, _SQL["insert_payload"], self._payloads)
        keep_brought(self._brought, self._raw)
        keep_minted(self._minted, self._raw)
        self._revisions, self._payloads, self._brought, self._minted = [], [], [], []


def _known(arrivals: Sequence[Arrival], raw: sqlite.Connection) -> list[Accepted] | None:
    counter = _Counter(raw, None, 0)
    found = [(arrival, counter.same(arrival)) for arrival in arrivals]
    answers = [_answer_again(arrival.sale, earlier) for arrival, earlier in found if earlier is not None]
    return answers if len(answers) == len(found) else None


def _answer_again(sale: Sale, revision: _Earlier) -> Accepted:
    warnings = read_list(revision.warnings)
    codes = tuple(code for code, shown in read_codes(revision.codes) if shown)
    return Accepted(
        revision.sequence,
        sale.transaction_id,
        sale.digest,
        bool(revision.live),
        codes,
        warnings,
        repeated=True,
        newest=revision.sequence,
    )
