"""The receipt codes of a transaction so far, and what each state of its sale makes of them (G8).

The newest revision carries all codes in its text of them, and says which stand on its receipts. Beside them there are
those that were minted ahead since, and, where all revisions were purged or none came yet, only the codes themselves.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from store_agent.domain.receipts import Code, Coded
from store_agent.errors import Damaged, StorageFailure
from store_agent.storage import sqlite
from store_agent.storage.queries import load
from store_agent.storage.rows import insert_rows

_SQL = load("codes")

CodeRow = tuple[str, str, str, bool, int, str | None, int | None]
"""Code, transaction, payment key, whether it was minted, milliseconds since 1970; who asked ahead, and since when."""


def newest_codes(transaction_id: str, raw: sqlite.Connection) -> dict[str, Code]:
    """Give the codes of a transaction so far, by payment."""
    newest = raw.execute(_SQL["written_codes"], (transaction_id,)).fetchone()
    return codes_so_far(transaction_id, newest and newest[0], raw)


def codes_so_far(transaction_id: str, written: str | None, raw: sqlite.Connection) -> dict[str, Code]:
    """Give the same; `written` is what its newest revision says of them, if there is one."""
    rows = raw.execute(_SQL["kept_codes"], {"transaction_id": transaction_id}).fetchall()
    rows.sort(key=itemgetter(2))  # of two for one payment, that of the agent
    found = {payment: Code(payment, code, bool(minted)) for payment, code, minted in rows}
    return found | {code.payment: code for code, _ in read_codes(written)}


def write_codes(coded: Coded, kept: Mapping[str, Code]) -> str | None:
    """Write all codes of a transaction: those on the receipts of this revision, and those given before."""
    shown = {code.code for code in coded.codes}
    before = [code for code in kept.values() if code.code not in shown]
    codes = [[code.payment, code.code, int(code.minted), int(code.code in shown)] for code in (*coded.codes, *before)]
    return json.dumps(codes) if codes else None


def read_codes(written: str | None) -> list[tuple[Code, bool]]:
    """Read what a revision says of codes, and which stand on its receipts. Raises Damaged."""
    return [(Code(payment, code, bool(minted)), bool(shown)) for payment, code, minted, shown in read_list(written)]


def read_list(text: str | None) -> list[Any]:
    """Read a list that belongs to a sale. Raises Damaged."""
    try:
        return list(json.loads(text or "[]"))
    except ValueError:
        raise Damaged("The database is damaged: what belongs to a sale cannot be read.") from None


def settle_codes(transaction_id: str, coded: Coded, now: int, raw: sqlite.Connection) -> None:
    """Note which codes of before a sale came with, and which its guest does not need any more."""
    used = {"codes": _named(coded.codes), "transaction_id": transaction_id}
    raw.execute(_SQL["use_codes"], used)
    raw.execute(_SQL["retire_codes"], {"codes": _named(coded.retired), "transaction_id": transaction_id, "now": now})


def keep_minted(rows: Sequence[CodeRow], raw: sqlite.Connection) -> None:
    """Keep codes that were just minted. Raises StorageFailure if one of them was given out before."""
    if insert_rows(raw, _SQL["insert_code"], rows) != len(rows):
        raise StorageFailure("A new receipt code was already in use; nothing was stored, send the sale again.")


def keep_brought(rows: Sequence[CodeRow], raw: sqlite.Connection) -> None:
    """Keep codes of the POS; one that belongs to another transaction stays there."""
    insert_rows(raw, _SQL["insert_code"], rows)


def take_over(code: Code, transaction_id: str, raw: sqlite.Connection) -> bool:
    """Give a code that was printed ahead to the sale that brings it; tells whether it waited for a sale.

    A check that was renumbered or merged after it was printed comes under another transaction.
    """
    values = {"code": code.code, "payment": code.payment, "transaction_id": transaction_id}
    return bool(raw.execute(_SQL["take_over_code"], values).rowcount)


def _named(codes: Iterable[Code]) -> str:
    return json.dumps([code.code for code in codes])
