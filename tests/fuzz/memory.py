"""Whether the agent's memory grows with the requests."""

from dataclasses import dataclass, field
from statistics import linear_regression

import psutil

WARM_SHARE = 0.25
"""Of the requests: until then caches fill."""

GROWTH_BYTES_MAX = 48 * 2**20
"""By the slope over all requests after that. Fifty bytes kept of each of a million requests would be found."""


@dataclass(slots=True)
class Memory:
    """Bytes held after so many requests."""

    samples: list[tuple[int, int]] = field(default_factory=list)

    def look(self, pid: int, requests: int) -> None:
        """Look once."""
        self.samples.append((requests, int(psutil.Process(pid).memory_info().rss)))

    @property
    def growth(self) -> float:
        """Give the bytes by which it grows from the warm part to the end, by the slope of all samples there."""
        last = self.samples[-1][0]
        warm = [sample for sample in self.samples if sample[0] >= last * WARM_SHARE]
        if len({requests for requests, _ in warm}) < 2:
            return 0.0
        slope = linear_regression(*zip(*warm, strict=True)).slope
        return float(slope * (last - warm[0][0]))

    @property
    def violations(self) -> list[str]:
        """Say that it grows, if it does."""
        if self.growth <= GROWTH_BYTES_MAX:
            return []
        return [f"memory grew by {self.growth / 2**20:.1f} MiB, at most {GROWTH_BYTES_MAX / 2**20:.0f} are fine"]
