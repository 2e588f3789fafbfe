"""Receipt codes before the sale is final: for a guest check, and for the parts of a split one (G1, G8).

What is asked for is committed before it is answered, and asked again it is the same. The sale that comes later finds
the codes with its transaction; those that none comes with are kept as long as the codes of a sale that is gone.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from store_agent.clock import Clock
from store_agent.domain.kept_sale import read_kept
from store_agent.domain.receipts import Code, codes_ahead, may_be_claimed
from store_agent.errors import BadInput, Damaged
from store_agent.storage import sqlite
from store_agent.storage.codes import keep_minted, newest_codes
from store_agent.storage.database import Database
from store_agent.storage.packing import unpack
from store_agent.storage.queries import load

_SQL = load("codes")

PAYMENTS_MAX = 100
"""Payments for which codes are asked at once, and that have codes before their sale; no more guests split a check."""

TERMINAL_MAX = 50_000
"""Codes of one terminal that wait for their sale; each stays for 400 days, and 100 a day never used is a fault."""

_OFF = "Receipts of this store carry no codes (receipts.mode is off): print none."
_TOO_MANY_FOR_SALE = (
    f"This sale has receipt codes for {PAYMENTS_MAX} payments already and no sale came with them; print the check "
    "without one. The sale itself is taken all the same."
)
_TOO_MANY_FOR_TERMINAL = (
    f"This terminal asked for {TERMINAL_MAX} receipt codes that no sale came with; print the check without one and "
    "tell whoever looks after the till. Its sales are taken all the same, with codes of their own."
)


class Ahead:
    """Mints receipt codes ahead of their sale; `mint` is None where receipts carry none."""

    def __init__(self, database: Database, clock: Clock, mint: Callable[[], str] | None) -> None:
        self._database = database
        self._clock = clock
        self._mint = mint

    async def codes(self, terminal: str, transaction_id: str, payments: Sequence[str]) -> tuple[Code, ...]:
        """Give the codes of a transaction with payments of these ids, those of before again.

        Those that nobody needs are left out: the guest is known, or the sale voided. Raises BadInput where there are
        too many or receipts carry no codes, Busy, or StorageFailure, after which the same is to be asked again.
        """
        if self._mint is None:
            raise BadInput("no_receipt_codes", _OFF, status=409)
        now = int(self._clock.wall() * 1000)
        asked = _Asked(terminal, transaction_id, payments, now)
        return await self._database.write(partial(_codes, asked, self._mint))

    async def known(self, transaction_id: str, payments: Sequence[str]) -> tuple[Code, ...] | None:
        """Give the same if no code is missing, else None; nothing is written. Raises StorageFailure."""
        return await self._database.read(partial(_known, transaction_id, payments))


class _Asked(NamedTuple):
    terminal: str
    transaction_id: str
    payments: Sequence[str]
    at: int


def _codes(asked: _Asked, mint: Callable[[], str], raw: sqlite.Connection) -> tuple[Code, ...]:
    name = asked.transaction_id
    kept = newest_codes(name, raw)
    codes = codes_ahead(asked.payments, kept, mint)
    new = _claimable(name, [code for code in codes if code.payment not in kept], raw)
    if new:
        _refuse_too_many(asked.terminal, kept, new, raw)
        orphaned = _orphaned(name, raw)
        keep_minted([(one.code, name, one.payment, True, asked.at, asked.terminal, orphaned) for one in new], raw)
    return _needed([code for code in codes if code.payment in kept or code in new], raw)


def _known(name: str, payments: Sequence[str], raw: sqlite.Connection) -> tuple[Code, ...] | None:
    kept = newest_codes(name, raw)
    codes = codes_ahead(payments, kept, str)
    missing = _claimable(name, [code for code in codes if code.payment not in kept], raw)
    return None if missing else _needed([code for code in codes if code.payment in kept], raw)


def _needed(codes: Sequence[Code], raw: sqlite.Connection) -> tuple[Code, ...]:
    """Leave out the codes that nobody needs any more."""
    given = json.dumps([code.code for code in codes])
    retired = {code for (code,) in raw.execute(_SQL["retired_among"], (given,))}
    return tuple(code for code in codes if code.code not in retired)


def _claimable(name: str, codes: Sequence[Code], raw: sqlite.Connection) -> list[Code]:
    """Leave out new codes that nobody could claim anything with, by the newest state of the sale if there is one."""
    found = raw.execute(_SQL["newest_sale"], (name,)).fetchone() if codes else None
    if found is None or found[0] is None:
        return list(codes)
    stored, forwarded = found
    try:
        sale = read_kept(unpack(stored) or b"", forwarded)
    except BadInput:
        raise Damaged("The database is damaged: a sale cannot be read.") from None
    return [code for code in codes if may_be_claimed(sale, code.payment)]


def _refuse_too_many(terminal: str, kept: Mapping[str, Code], new: Sequence[Code], raw: sqlite.Connection) -> None:
    if len(kept) + len(new) > PAYMENTS_MAX + 1:  # and one for the guest check
        raise BadInput("too_many_codes", _TOO_MANY_FOR_SALE, status=409)
    if raw.execute(_SQL["too_many_ahead"], (terminal, TERMINAL_MAX - len(new))).fetchone()[0]:
        raise BadInput("too_many_codes", _TOO_MANY_FOR_TERMINAL, status=409)


def _orphaned(transaction_id: str, raw: sqlite.Connection) -> int | None:
    """Give the lived time if there is no revision of a transaction: its codes go like those of a sale that is gone."""
    if raw.execute(_SQL["written_codes"], (transaction_id,)).fetchone() is not None:
        return None
    return int(raw.execute(_SQL["lived"]).fetchone()[0])
