"""What the tills were answered, held against what the platform took (G2, G8, G9)."""

import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from tests.soak.arrivals import Arrival

WORDS_MAX = 50
"""Findings that are kept to be shown; a fault that repeats says the same every time."""


class Answer(NamedTuple):
    """What a till prints: it must be the same whenever the same revision is sent again."""

    sequence: int
    digest: str
    codes: tuple[tuple[str | None, str], ...]


@dataclass(frozen=True, slots=True)
class Sold:
    """A revision of a sale with a 200. `marker` stands in its text and nowhere else."""

    marker: str
    transaction_id: str
    revision: int
    answer: Answer


class Ledger:
    """Kept by all lanes together. `counts` and `words` tell what became of everything so far."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[str, Sold] = {}
        self._newest: dict[str, int] = {}
        self._owners: dict[str, str] = {}
        self._codes: dict[tuple[str, str | None], str] = {}
        self._given_up: set[str] = set()
        self.counts: Counter[str] = Counter()
        self.words: list[str] = []

    def answered(self, marker: str, revision: int, told: Mapping[str, Any]) -> None:
        """Keep the answer to a revision; the same one again must be the same."""
        codes = tuple((receipt["payment_id"], receipt["code"]) for receipt in told["receipts"])
        name = told["transaction"]["id"]
        sold = Sold(marker, name, revision, Answer(told["sequence"], told["digest"], codes))
        with self._lock:
            before = self._open.setdefault(marker, sold)
            if before is not sold:
                self.counts["repeated"] += 1
                if before.answer != sold.answer:
                    self._say(f"{marker} was answered {before.answer}, then {sold.answer}")
                return
            self.counts["acknowledged"] += 1
            self._newest[name] = max(revision, self._newest.get(name, 0))
            for payment, code in codes:
                self._keep_code(name, payment, code)

    def give_up(self, marker: str) -> None:
        """Note that the manager discards a sale."""
        with self._lock:
            self._given_up.add(marker)

    def wrong(self, words: str) -> None:
        """Note something else that must not be."""
        with self._lock:
            self._say(words)

    def close_day(self, arrivals: Iterable[Arrival], known_lost: frozenset[int]) -> None:
        """Say what became of everything of the day, once nothing is on its way; forget it then.

        `known_lost` are sequences that a report about a damaged database names.
        """
        arrived: dict[str, list[Arrival]] = defaultdict(list)
        for arrival in arrivals:
            arrived[arrival.marker].append(arrival)
        with self._lock:
            self._look_at_order(arrived)
            for sold in self._open.values():
                self._judge(sold, arrived.pop(sold.marker, []), known_lost)
            for marker in arrived:
                self.counts["doubled"] += 1
                self._say(f"{marker} of another day arrived again")
            self._open.clear()
            self._newest.clear()
            self._given_up.clear()

    def _judge(self, sold: Sold, came: list[Arrival], known_lost: frozenset[int]) -> None:
        self.counts[self._end_of(sold, came, known_lost)] += 1
        if len({arrival.request_id for arrival in came}) > 1:
            self.counts["doubled"] += 1
            self._say(f"{sold.marker} was taken by the platform under more than one request: {came}")
        for arrival in came:
            missing = [code for _, code in sold.answer.codes if code not in arrival.text]
            if missing:
                self._say(f"{sold.marker} arrived without the code {missing[0]} that stands on its receipt")

    def _look_at_order(self, arrived: Mapping[str, list[Arrival]]) -> None:
        """See that no state of a sale came after a newer one (G4)."""
        came = [(arrival.number, sold) for sold in self._open.values() for arrival in arrived.get(sold.marker, [])]
        newest: dict[str, int] = {}
        for _, sold in sorted(came, key=lambda pair: pair[0]):
            if sold.revision < newest.get(sold.transaction_id, 0):
                self._say(f"{sold.marker} arrived after a newer state of the same sale")
            newest[sold.transaction_id] = max(sold.revision, newest.get(sold.transaction_id, 0))

    def _end_of(self, sold: Sold, came: list[Arrival], known_lost: frozenset[int]) -> str:
        if came:
            return "delivered"
        if sold.marker in self._given_up:
            return "discarded"
        if sold.revision < self._newest[sold.transaction_id]:
            return "superseded"
        if sold.answer.sequence in known_lost:
            return "reported lost"
        self._say(f"{sold.marker}, sequence {sold.answer.sequence}, was answered with 200 and never arrived")
        return "lost"

    def _keep_code(self, name: str, payment: str | None, code: str) -> None:
        owner = self._owners.setdefault(code, name)
        if owner != name:
            self._say(f"the code {code} was given to {owner} and to {name}")
        before = self._codes.setdefault((name, payment), code)
        if before != code:
            self._say(f"{name} got the code {before} for payment {payment}, then {code}")

    def _say(self, words: str) -> None:
        self.counts["wrong"] += 1
        if len(self.words) < WORDS_MAX:
            self.words.append(words)
