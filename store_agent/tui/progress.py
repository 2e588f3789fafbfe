"""How fast the queue is sent and how long that will take, from counts seen one after the other."""

from collections import deque
from dataclasses import dataclass

RATE_SECONDS = 10.0
"""The rate is that of the last so many seconds: long enough to be calm, short enough to be true."""

BACKLOG_MIN = 20
"""Fewer on their way are everyday life and no backlog: two batches."""

SAMPLES_MAX = 60
"""Samples kept for the picture."""


@dataclass(frozen=True, slots=True)
class _Sample:
    at: float
    left: int
    delivered: int


class Progress:
    """Takes the counts as they are seen. `at` is in seconds of a clock that never goes back."""

    def __init__(self) -> None:
        self._samples: deque[_Sample] = deque(maxlen=SAMPLES_MAX)
        self._rates: deque[float] = deque(maxlen=SAMPLES_MAX)
        self._peak = 0

    def see(self, at: float, left: int, delivered: int) -> None:
        """Take the counts of a moment: what is on its way, and what ever arrived."""
        if self._samples and at <= self._samples[-1].at:
            return
        if self._samples:
            before = self._samples[-1]
            self._rates.append(max(0, delivered - before.delivered) / (at - before.at))
        self._samples.append(_Sample(at, left, delivered))
        self._peak = max(self._peak, left) if left else 0

    @property
    def rate(self) -> float:
        """Return sales a second that arrive at present."""
        if not self._samples:
            return 0.0
        newest = self._samples[-1]
        oldest = next(one for one in self._samples if newest.at - one.at <= RATE_SECONDS)
        if newest.at == oldest.at:
            return 0.0
        return max(0, newest.delivered - oldest.delivered) / (newest.at - oldest.at)

    @property
    def rates(self) -> list[float]:
        """Return the rates between the samples, oldest first, for a picture."""
        return list(self._rates)

    @property
    def seconds_left(self) -> float | None:
        """Return how long it takes at this rate; None while nothing moves, 0 when nothing is left."""
        if not self._samples or not self._samples[-1].left:
            return 0.0
        return self._samples[-1].left / self.rate if self.rate > 0 else None

    @property
    def share(self) -> float | None:
        """Return how much of the backlog is done, from 0 to 1; None when there is none."""
        if self._peak < BACKLOG_MIN:
            return None
        return 1.0 - self._samples[-1].left / self._peak
