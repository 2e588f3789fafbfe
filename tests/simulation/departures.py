"""What leaves the agent, held against the database at that very moment (G3, G4, G5)."""

import hashlib
from dataclasses import dataclass

from store_agent.storage import sqlite
from store_agent.storage.packing import unpack
from tests.simulation.plan import Tuning
from tests.simulation.request import Seen
from tests.simulation.trace import Trace
from tests.simulation.verdict import Verdict

_FROZEN = "SELECT number, body FROM batch WHERE state = 'frozen' AND request_id = ?"
_MEMBERS = (
    "SELECT payload.body, revision.sequence FROM revision JOIN payload ON payload.sequence = revision.sequence"
    " WHERE batch = ? AND state = 'frozen'"
)


@dataclass(frozen=True, slots=True)
class _Departed:
    sha256: str
    sequences: tuple[int, ...]


class Departures:
    """Looks at each request as its first byte leaves. `eyes` is a connection that sees what is committed only."""

    def __init__(self, eyes: sqlite.Connection, tuning: Tuning, verdict: Verdict, trace: Trace) -> None:
        self._eyes = eyes
        self._tuning = tuning
        self._verdict = verdict
        self._trace = trace
        self._departed: dict[str, _Departed] = {}
        self._flying: dict[str, str] = {}
        self.order: list[tuple[int, ...]] = []

    def leaves(self, seen: Seen) -> None:
        """Check a request that leaves now."""
        self._trace.note("leaves", seen)
        found = self._eyes.execute(_FROZEN, (seen.request_id,)).fetchone()
        if found is None:
            self._verdict.against("G3", f"{seen} left and is not committed as frozen")
        elif unpack(found[1]) != seen.body:
            self._verdict.against("G3", f"{seen} left with other bytes than committed")
        known = self._departed.get(seen.request_id)
        if known is None:
            self._departed[seen.request_id] = self._first(seen, -1 if found is None else found[0])
        elif known.sha256 != seen.sha256:
            self._verdict.against("G3", f"{seen} left with other bytes than before")
        self._check_order(seen)
        self._check_limits(seen)

    def returned(self, seen: Seen) -> None:
        """Note that the agent no longer waits for a request."""
        for one in seen.sent:
            self._flying.pop(one.transaction_id, None)

    def forget(self) -> None:
        """Note that the agent waits for nothing any more, since it has ended."""
        self._flying.clear()

    def sequences(self, seen: Seen) -> tuple[int, ...]:
        """Give the sequences of a request's transactions, in its own order; 0 for one that nobody stored."""
        return self._departed[seen.request_id].sequences

    def _first(self, seen: Seen, number: int) -> _Departed:
        stored = {
            hashlib.sha256(unpack(body) or b"").digest(): sequence
            for body, sequence in self._eyes.execute(_MEMBERS, (number,))
        }
        sequences = tuple(stored.get(hashlib.sha256(one.text.encode()).digest(), 0) for one in seen.sent)
        if not all(sequences):
            self._verdict.against("G3", f"{seen} carries a text that none of its members has")
        self.order.append(sequences)
        return _Departed(seen.sha256, sequences)

    def _check_order(self, seen: Seen) -> None:
        names = {one.transaction_id for one in seen.sent}
        if len(names) < len(seen.sent):
            self._verdict.against("G4", f"{seen} carries two revisions of a transaction")
        for name in names:
            if name in self._flying:
                self._verdict.against("G4", f"{seen} left while {self._flying[name]} was in flight with {name}")
            self._flying[name] = seen.request_id

    def _check_limits(self, seen: Seen) -> None:
        count, most = len(seen.sent), min(10, self._tuning.count_max)
        if count > most:
            self._verdict.against("G5", f"{seen} carries {count} transactions, {most} are allowed")
        if count > 1 and seen.payload_bytes > self._tuning.bytes_max:
            words = f"{seen} has {seen.payload_bytes} bytes of sales, {self._tuning.bytes_max} are allowed"
            self._verdict.against("G5", words)
