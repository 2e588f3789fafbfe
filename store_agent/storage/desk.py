"""Finding receipts by what a guest knows of them: a code or its end, the sale, or amount and time.

Every look is bounded: where not everything was looked at, the answer says so instead of taking long. The time of a sale
is a label of the machine's clock (G14); where that was wrong, so is the time to look for, of that sale alone.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from store_agent.storage import sqlite
from store_agent.storage.database import Database
from store_agent.storage.queries import load
from store_agent.storage.receipts import Receipt, read_receipt

_SQL = load("desk")

FOUND_MAX = 50
"""Receipts in an answer; whoever gets so many should ask more narrowly."""

END_LETTERS = 4
"""Last letters by which codes and transactions are indexed; no shorter end is looked for."""

END_SCAN_MAX = 2_000
"""Receipts looked at for an end: those that share its last four letters, some 15 in a million codes of the agent."""

AMOUNT_SCAN_MAX = 2_000
"""States of sales looked at for an amount: of one amount within a day, a busy store has fewer."""

_Rows = Iterable[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class AmountAsked:
    """An amount in units of the books, and within what time it was taken, in milliseconds since 1970."""

    amount: int
    earliest: int
    latest: int


@dataclass(frozen=True, slots=True)
class Found:
    """Receipts, newest first; `complete` tells that there are no others."""

    receipts: list[Receipt]
    complete: bool


class Desk:
    """Finds receipts. Raises StorageFailure."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_transaction(self, transaction_id: str) -> Found:
        """Find the receipts of a transaction."""
        return await self._database.read(partial(_of_transaction, transaction_id))

    async def ending(self, end: str) -> Found:
        """Find by the last END_LETTERS or more letters of a code or a transaction; dashes and case do not matter."""
        return await self._database.read(partial(_ending, plain(end)))

    async def of_amount(self, asked: AmountAsked) -> Found:
        """Find by the amount of a sale, to the last digit, in one of its states."""
        return await self._database.read(partial(_of_amount, asked))


def plain(text: str) -> str:
    """Give what counts of a code or the name of a transaction when its end is looked for."""
    return re.sub("[- ]", "", text).lower()


def _of_transaction(transaction_id: str, raw: sqlite.Connection) -> Found:
    rows = raw.execute(_SQL["receipts_of"], (transaction_id, FOUND_MAX + 1)).fetchall()
    return _read(rows, raw, complete=True)


def _ending(end: str, raw: sqlite.Connection) -> Found:
    asked = (end[-END_LETTERS:], END_SCAN_MAX)
    rows: dict[str, Sequence[Any]] = {}
    complete = True
    for query, column in (("codes_ending", 0), ("transactions_ending", 1)):
        scanned = raw.execute(_SQL[query], asked).fetchall()
        complete = complete and len(scanned) < END_SCAN_MAX
        rows |= {row[0]: row for row in scanned if plain(row[column]).endswith(end)}
    return _read(rows.values(), raw, complete=complete)


def _of_amount(asked: AmountAsked, raw: sqlite.Connection) -> Found:
    values = {"amount": asked.amount, "earliest": asked.earliest, "latest": asked.latest, "limit": AMOUNT_SCAN_MAX}
    found = raw.execute(_SQL["of_amount"], values).fetchall()
    names = dict.fromkeys(name for (name,) in found)
    rows = list(islice(_receipts_of(names, raw), FOUND_MAX + 1))
    return _read(rows, raw, complete=len(found) < AMOUNT_SCAN_MAX)


def _receipts_of(names: Iterable[str], raw: sqlite.Connection) -> Iterator[Sequence[Any]]:
    for name in names:
        yield from raw.execute(_SQL["receipts_of"], (name, FOUND_MAX + 1)).fetchall()


def _read(rows: _Rows, raw: sqlite.Connection, *, complete: bool) -> Found:
    newest = sorted(rows, key=lambda row: -int(row[-1]))
    receipts = [read_receipt(row, raw) for row in newest[:FOUND_MAX]]
    return Found(receipts, complete and len(newest) <= FOUND_MAX)
