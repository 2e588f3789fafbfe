"""Receipt codes: whose they are, and what became of the sale."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from store_agent.domain.receipts import Code
from store_agent.storage import sqlite
from store_agent.storage.database import Database
from store_agent.storage.queries import load
from store_agent.storage.revisions import Row, read_newest

_SQL = load("receipts")

CODES_MAX = 1_000
"""Codes given of one transaction; it has one for each payment."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A code, the transaction it belongs to, and the newest revision of that; None when it is not kept any more.

    `ahead` is the terminal that asked for the code, None once a sale came with it; `retired` tells that the guest is
    known by now. `kept_at` is in milliseconds since 1970.
    """

    code: Code
    transaction_id: str
    sale: Row | None
    ahead: str | None = None
    retired: bool = False
    kept_at: int = 0

    @property
    def claimable(self) -> bool:
        """Tell whether a guest may still claim something with it: the guest is not known, and the sale not voided."""
        return not self.retired and not (self.sale is not None and self.sale.voided)


class Receipts:
    """Looks receipt codes up. Raises StorageFailure."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, codes: Sequence[str]) -> Receipt | None:
        """Give the receipt of the first of some codes that is known."""
        return await self._database.read(partial(_find, codes))

    async def of_transaction(self, transaction_id: str) -> list[Code]:
        """Give the codes of a transaction that somebody may need, that of the whole one first."""
        return await self._database.read(partial(_of_transaction, transaction_id))


def read_receipt(row: Sequence[Any], raw: sqlite.Connection) -> Receipt:
    """Read a row of receipt codes, and the sale that belongs to it."""
    code, transaction_id, payment, minted, ahead, retired_at, kept_at = row
    sale = read_newest(transaction_id, raw)
    return Receipt(Code(payment, code, bool(minted)), transaction_id, sale, ahead, retired_at is not None, kept_at)


def _find(codes: Sequence[str], raw: sqlite.Connection) -> Receipt | None:
    found = {row[0]: row for row in raw.execute(_SQL["known"], (json.dumps(codes),)).fetchall()}
    known = next((found[code] for code in codes if code in found), None)
    return None if known is None else read_receipt(known, raw)


def _of_transaction(transaction_id: str, raw: sqlite.Connection) -> list[Code]:
    rows = raw.execute(_SQL["codes_of"], (transaction_id, CODES_MAX)).fetchall()
    return [Code(payment, code, bool(minted)) for payment, code, minted in sorted(rows)]
