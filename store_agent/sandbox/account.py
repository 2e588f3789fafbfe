"""The account of what the platform received and accepted, for tests and trainees.

It is kept small on purpose: an accepted transaction costs 40 packed bytes beside its name, so that a million sales fit
into a few hundred megabytes.
"""

import hashlib
import struct
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from store_agent.sandbox.answer import Answer
from store_agent.sandbox.calls import Calls
from store_agent.sandbox.container import BATCH, Container

_ACCEPTANCE = struct.Struct("<II32s")
"""Number of the request, position in it, SHA-256 of the transaction's exact text."""


@dataclass(slots=True)
class Totals:
    """Counts since the start, or since the account was last forgotten.

    `requests_received`: POS requests that reached the server, with whatever happened to them. `requests_processed`:
    request_ids dealt with, accepted or refused. `requests_repeated`: later asks that got a stored answer.
    `requests_failed_by_fault`: requests that a fault kept from their answer. `transactions_accepted`: one for each
    transaction of each processed send call. `conflicts`: requests whose body differs from an earlier one of the same
    request_id. `largest_batch`: transactions in the largest batch call received. `doubled`: transactions accepted
    with the same exact text under more than one request_id.
    """

    requests_received: int = 0
    requests_processed: int = 0
    requests_repeated: int = 0
    requests_failed_by_fault: int = 0
    transactions_accepted: int = 0
    conflicts: int = 0
    largest_batch: int = 0
    doubled: int = 0


@dataclass(slots=True)
class Entry:
    """What is known about one request_id. `first_at`: monotonic seconds of its first arrival."""

    number: int
    request_id: str
    first_at: float
    endpoint: str = ""
    digest: bytes = b""
    transactions: tuple[str, ...] = ()
    body: bytes | None = None
    received: int = 0
    answer: Answer | None = None

    def describe(self, container: Container, *, keep_body: bool) -> None:
        """Take over what the request says: the first that arrived, or the one that was processed."""
        self.endpoint = container.endpoint
        self.digest = container.digest
        self.transactions = container.transaction_ids
        self.body = container.body if keep_body else None

    def differs(self, container: Container) -> bool:
        """Tell whether the same request_id now names something else."""
        return (self.endpoint, self.digest) != (container.endpoint, container.digest)

    def as_json(self, *, bodies: bool) -> dict[str, Any]:
        """Render one row of `requests`."""
        row: dict[str, Any] = {
            "request_id": self.request_id,
            "endpoint": self.endpoint,
            "received": self.received,
            "processed": self.answer is not None,
            "sha256": self.digest.hex(),
            "transactions": list(self.transactions),
            "first_at": self.first_at,
            "status": None if self.answer is None else self.answer.status,
        }
        if bodies:
            row["body"] = None if self.body is None else self.body.decode()
        return row


class Account:
    """What arrived and what was accepted. `changed` is called after every change of the totals.

    `calls`: the same of relayed calls.
    """

    def __init__(self, *, keep_bodies: bool, changed: Callable[[], None]) -> None:
        self.calls = Calls(keep_bodies=keep_bodies, changed=changed)
        self._keep_bodies = keep_bodies
        self._changed = changed
        self._hanging = 0
        self.forget()

    def forget(self) -> None:
        """Start from nothing. Requests that hang right now go on hanging."""
        self.calls.forget()
        self._totals = Totals()
        self._entries: dict[str, Entry] = {}
        self._accepted: dict[str, bytes] = {}
        self._changed()

    def arrived(self) -> None:
        """Count a POS request, before anything is known about it."""
        self._totals.requests_received += 1
        self._changed()

    def failed(self) -> None:
        """Count a request that a fault kept from its answer."""
        self._totals.requests_failed_by_fault += 1
        self._changed()

    def repeated(self) -> None:
        """Count a request that got a stored answer."""
        self._totals.requests_repeated += 1
        self._changed()

    def hanging(self, change: int) -> None:
        """Count requests that begin (+1) or cease (-1) to hang."""
        self._hanging += change
        self._changed()

    def hear(self, container: Container, *, at: float) -> None:
        """Note the arrival of a readable request, at monotonic seconds `at`."""
        entry = self._entries.get(container.request_id)
        if entry is None:
            entry = self._enter(container, at)
        elif entry.differs(container):
            self._totals.conflicts += 1
        entry.received += 1
        if container.endpoint == BATCH:
            self._totals.largest_batch = max(self._totals.largest_batch, len(container.sent))
        self._changed()

    def stored_answer(self, request_id: str) -> Answer | None:
        """Find the answer that was given under a request_id."""
        entry = self._entries.get(request_id)
        return None if entry is None else entry.answer

    def processed(self, container: Container, answer: Answer, *, accepted: bool, at: float) -> None:
        """Store the answer that every repetition gets, and what was accepted with it."""
        # The account may have been forgotten while the request waited.
        entry = self._entries.get(container.request_id) or self._enter(container, at)
        entry.describe(container, keep_body=self._keep_bodies)
        entry.answer = answer
        self._totals.requests_processed += 1
        if accepted:
            self._accept(entry.number, container)
        self._changed()

    def totals(self) -> dict[str, int]:
        """Render the counts, with the requests that hang right now, POS or relayed."""
        return {**asdict(self._totals), "requests_hanging": self._hanging, **self.calls.totals()}

    def as_json(self, *, bodies: bool = False) -> dict[str, Any]:
        """Render everything: `totals`, `requests` by first arrival, `transactions` by name, relayed `calls`."""
        return {
            "totals": self.totals(),
            "requests": [entry.as_json(bodies=bodies) for entry in self._entries.values()],
            "transactions": self._transactions(),
            "calls": self.calls.as_json(bodies=bodies),
        }

    def _enter(self, container: Container, at: float) -> Entry:
        entry = Entry(len(self._entries), container.request_id, at)
        entry.describe(container, keep_body=self._keep_bodies)
        self._entries[container.request_id] = entry
        return entry

    def _accept(self, number: int, container: Container) -> None:
        for position, sent in enumerate(container.sent):
            name = sent.transaction_id
            if name is None:
                continue
            digest = hashlib.sha256(sent.text.encode()).digest()
            so_far = self._accepted.get(name, b"")
            self._totals.doubled += _makes_a_double(so_far, number, digest)
            self._accepted[name] = so_far + _ACCEPTANCE.pack(number, position, digest)
            self._totals.transactions_accepted += 1

    def _transactions(self) -> dict[str, list[dict[str, Any]]]:
        names = list(self._entries)
        return {
            name: [
                {"request_id": names[number], "position": position, "sha256": digest.hex()}
                for number, position, digest in _ACCEPTANCE.iter_unpack(packed)
            ]
            for name, packed in self._accepted.items()
        }


def _makes_a_double(so_far: bytes, number: int, digest: bytes) -> bool:
    under = {other for other, _, same in _ACCEPTANCE.iter_unpack(so_far) if same == digest}
    return len(under) == 1 and number not in under
