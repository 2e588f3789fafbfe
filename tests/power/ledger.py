"""What was told to the world, and at which moment of the recording: answers to tills, requests to the platform."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from store_agent.domain.batch import FrozenBatch
from store_agent.domain.receipts import Code
from store_agent.domain.settle import Decision, Deliver, Park
from store_agent.storage.intake import Accepted, Arrival
from tests.power.recording import Recording


class Answered(NamedTuple):
    """A sale that a till holds a 200 for since a moment."""

    at: int
    arrival: Arrival
    accepted: Accepted


class Minted(NamedTuple):
    """Codes ahead of a sale that a till prints since a moment."""

    at: int
    transaction_id: str
    payments: tuple[str, ...]
    codes: tuple[Code, ...]


@dataclass(slots=True)
class Left:
    """A request whose bytes may have left since a moment.

    From `answer_at` on its end was being written, from `settled_at` on it was said to be written.
    """

    at: int
    batch: FrozenBatch
    answer_at: float = math.inf
    settled_at: float = math.inf
    state: str = ""


@dataclass(slots=True)
class Ledger:
    """Everything that was told; `recording.now` dates it.

    `may_be_gone` are sequences of settled sales, and since when their purge may have begun; `backups` are names of
    finished backups, and since when.
    """

    recording: Recording
    sales: list[Answered] = field(default_factory=list)
    ahead: list[Minted] = field(default_factory=list)
    requests: dict[int, Left] = field(default_factory=dict)
    may_be_gone: dict[int, int] = field(default_factory=dict)
    backups: dict[str, int] = field(default_factory=dict)

    def answered(self, arrivals: Sequence[Arrival], accepted: Sequence[Accepted]) -> None:
        now = self.recording.now
        self.sales += [Answered(now, *pair) for pair in zip(arrivals, accepted, strict=True)]

    def minted(self, transaction_id: str, payments: tuple[str, ...], codes: tuple[Code, ...]) -> None:
        self.ahead.append(Minted(self.recording.now, transaction_id, payments, codes))

    def may_leave(self, batches: Sequence[FrozenBatch]) -> None:
        for batch in batches:
            self.requests[batch.number] = Left(self.recording.now, batch)

    def answer_came(self, batch: FrozenBatch) -> None:
        self.requests[batch.number].answer_at = self.recording.now

    def purge_begins(self, sequences: Sequence[int]) -> None:
        self.may_be_gone = dict.fromkeys(sequences, self.recording.now) | self.may_be_gone

    def backed_up(self, name: str) -> None:
        self.backups[name] = self.recording.now

    def settled(self, batch: FrozenBatch, decision: Decision) -> None:
        left = self.requests[batch.number]
        left.settled_at = self.recording.now
        left.state = {Deliver: "delivered", Park: "parked"}.get(type(decision), "")
