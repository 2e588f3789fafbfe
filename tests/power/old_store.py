"""A database as the program of the second schema left it: answered sales, some at the platform, some on their way."""

import json
import uuid
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

from store_agent.cloud.sessionm.wire import assemble
from store_agent.domain.batch import FrozenBatch, Member
from store_agent.domain.container import Identity
from store_agent.domain.receipts import Coded, add_codes
from store_agent.storage import sqlite
from store_agent.storage.intake import Accepted, Arrival
from store_agent.storage.migrate import migrate, steps
from store_agent.storage.terminals import hash_token
from tests.power.ledger import Answered, Ledger
from tests.power.recording import Recording
from tests.support.arrivals import arrival

SCHEMA = 2
BATCH_SALES = 10

_REVISION = (
    "INSERT INTO revision (sequence, transaction_id, terminal, digest, forwarded, alone, size, amount, opened_at,"
    " modified_at, closed, voided, live, codes, accepted_at) VALUES (?, ?, ?, ?, '', 0, ?, ?, ?, ?, 1, 0, 1, ?, ?)"
)
_PAYLOAD = "INSERT INTO payload (sequence, body) VALUES (?, ?)"
_CODE = "INSERT INTO receipt_code (code, transaction_id, payment, minted, kept_at) VALUES (?, ?, ?, 1, ?)"
_BATCH = "INSERT INTO batch (number, request_id, endpoint, body, members, frozen_at) VALUES (?, ?, ?, ?, ?, ?)"
_TERMINAL = "INSERT INTO terminal (name, token_hash, added_at) VALUES ('lane-1', ?, ?)"
_FREEZE = "UPDATE revision SET state = 'frozen', batch = ? WHERE sequence BETWEEN ? AND ?"
_DELIVER = "UPDATE revision SET state = 'delivered', settled_at = ? WHERE batch = ?"
_END = "UPDATE batch SET state = 'delivered', body = NULL, answered_at = ?, answer = 'ok' WHERE number = ?"
_AT = 1_772_359_500_000
_IDENTITY = Identity("1234x", "retailer-1")


class OldStore:
    """Fills the database at `path`; `sales` and `requests` are what was told of it.

    Three quarters of the sales went into requests, and half of those arrived. `token` is that of lane-1.
    """

    def __init__(self, path: Path, count: int, token: str = "") -> None:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        self._texts: list[bytes] = []
        self._chance = Random(count)  # noqa: S311 - the store must repeat, not surprise
        with closing(sqlite.connect(str(path), isolation_level=None)) as self._raw:
            for pragma in ("auto_vacuum = INCREMENTAL", "journal_mode = WAL"):
                self._raw.execute(f"PRAGMA {pragma}").fetchall()
            migrate(self._raw, path, steps()[:SCHEMA])
            self._raw.execute("BEGIN")
            self._raw.execute(_TERMINAL, (hash_token(token), _AT))
            self.sales = [self._sell(sequence) for sequence in range(1, count + 1)]
            starts = range(1, count * 3 // 4, BATCH_SALES)
            self.requests = [self._freeze(number, start) for number, start in enumerate(starts, 1)]
            self.arrived = self.requests[: len(self.requests) // 2]
            for batch in self.arrived:
                self._raw.execute(_DELIVER, (_AT, batch.number))
                self._raw.execute(_END, (_AT, batch.number))
            self._raw.execute("COMMIT")

    def told(self, recording: Recording) -> Ledger:
        """Give the ledger of a recording that begins with this store."""
        ledger = Ledger(recording, [Answered(0, *pair) for pair in self.sales])
        ledger.may_leave(self.requests)
        for number, left in ledger.requests.items():
            left.at = 0
            if number <= len(self.arrived):
                left.answer_at, left.settled_at, left.state = -1, 0, "delivered"
        return ledger

    def _sell(self, sequence: int) -> tuple[Arrival, Accepted]:
        taken = arrival(f"T-{sequence:04}", custom_data={"note": "x" * self._chance.randint(0, 2_000)})
        coded = add_codes(taken.sale, {}, lambda: str(uuid.UUID(int=self._chance.getrandbits(128))))
        self._raw.execute(_REVISION, self._row(sequence, taken, coded))
        self._raw.execute(_PAYLOAD, (sequence, coded.text.encode()))
        for code in coded.new:
            self._raw.execute(_CODE, (code.code, taken.sale.transaction_id, code.payment, _AT))
        self._texts.append(coded.text.encode())
        return taken, Accepted(sequence, taken.sale.transaction_id, taken.sale.digest, True, coded.codes, [])

    def _row(self, sequence: int, taken: Arrival, coded: Coded) -> tuple[Any, ...]:
        sale = taken.sale
        codes = json.dumps([[code.payment, code.code, 1, 1] for code in coded.codes])
        told = (sale.transaction_id, taken.terminal, sale.digest, len(coded.text.encode()), sale.amount)
        return (sequence, *told, sale.opened_at, sale.modified_at, codes, _AT)

    def _freeze(self, number: int, start: int) -> FrozenBatch:
        sequences = tuple(range(start, start + BATCH_SALES))
        members = [Member("", self._texts[sequence - 1]) for sequence in sequences]
        request = assemble(members, _IDENTITY, None, lambda: str(uuid.UUID(int=self._chance.getrandbits(128))))
        self._raw.execute(_BATCH, (number, *request, len(members), _AT))
        self._raw.execute(_FREEZE, (number, sequences[0], sequences[-1]))
        return FrozenBatch(number, *request, len(request.body), sequences)
