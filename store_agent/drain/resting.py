"""Requests that pause on their own account while the line is up: the platform fails for them, or is not done."""

import heapq
from dataclasses import replace

from store_agent.domain.batch import FrozenBatch

RESTING_MAX = 10_000
"""Requests that may rest, some hundred bytes each in memory; beyond, nothing more is frozen (G11)."""


class Resting:
    """Gives requests back when their time has come, oldest due first. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, FrozenBatch]] = []

    def __len__(self) -> int:
        """Count those that rest."""
        return len(self._heap)

    @property
    def full(self) -> bool:
        """Tell whether no more may rest."""
        return len(self._heap) >= RESTING_MAX

    @property
    def next_due(self) -> float | None:
        """Return when the first may go again; None if none rests."""
        return self._heap[0][0] if self._heap else None

    def put(self, batch: FrozenBatch, due: float) -> None:
        """Let a request rest; its body is read again when it goes."""
        heapq.heappush(self._heap, (due, batch.number, replace(batch, body=None)))

    def take(self, now: float, most: int = RESTING_MAX) -> list[FrozenBatch]:
        """Take those whose rest is over."""
        over: list[FrozenBatch] = []
        while self._heap and self._heap[0][0] <= now and len(over) < most:
            over.append(heapq.heappop(self._heap)[2])
        return over

    def wake_all(self) -> list[FrozenBatch]:
        """Take all, whether their rest is over or not."""
        return self.take(float("inf"))
