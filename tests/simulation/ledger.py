"""The platform's own book of what it accepted and refused; the judge of G2, G3 and G4 where it counts."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests.simulation.departures import Departures
from tests.simulation.request import Seen
from tests.simulation.trace import Trace
from tests.simulation.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Entry:
    """A revision that the platform accepted, and the sale as it arrived."""

    request_id: str
    sequence: int
    at: float
    values: dict[str, Any]


class Ledger:
    """Notes what happens to each revision, by its marker, and says at once what may not happen."""

    def __init__(self, departures: Departures, verdict: Verdict, trace: Trace) -> None:
        self._departures = departures
        self._verdict = verdict
        self._trace = trace
        self._hashes: dict[str, str] = {}
        self._last: dict[str, int] = {}
        self.first_arrival: dict[int, float] = {}
        self.accepted: dict[int, Entry] = {}
        self.refused_alone: set[int] = set()
        self.refusals: Counter[int] = Counter()
        self.sequences: set[int] = set()
        self.calls = 0
        self.extra_calls = 0

    def arrived(self, seen: Seen, at: float) -> None:
        """Note a copy of a request at the platform's door."""
        self.calls += 1
        if seen.request_id not in self._hashes:
            self.extra_calls += any(self.refusals[one.marker] for one in seen.sent)
        known = self._hashes.setdefault(seen.request_id, seen.sha256)
        if known != seen.sha256:
            self._verdict.against("G3", f"{seen} arrived with other bytes than before")
        for one in seen.sent:
            self.first_arrival.setdefault(one.marker, at)

    def accept(self, seen: Seen, at: float) -> None:
        """Note that all transactions of a request took effect."""
        self._trace.note("platform accepts", seen)
        for one, sequence in zip(seen.sent, self._departures.sequences(seen), strict=True):
            before = self.accepted.get(one.marker)
            if before is not None:
                words = f"{one.transaction_id}#{one.marker} took effect by {before.request_id} and by {seen.request_id}"
                self._verdict.against("G2", words)
            last = self._last.get(one.transaction_id, 0)
            if sequence <= last:
                self._verdict.against("G4", f"{one.transaction_id}: revision {sequence} took effect after {last}")
            self._last[one.transaction_id] = max(last, sequence)
            self.sequences.add(sequence)
            self.accepted[one.marker] = Entry(seen.request_id, sequence, at, one.values)

    def refuse(self, seen: Seen, reason: str) -> None:
        """Note a refusal; only one of a sale alone says that this sale is refused."""
        self._trace.note("platform refuses", seen, reason)
        self.refusals.update(one.marker for one in seen.sent)
        if len(seen.sent) == 1:
            self.refused_alone.add(seen.sent[0].marker)
