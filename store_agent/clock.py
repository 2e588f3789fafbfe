"""The two clocks of the agent, as one argument.

Wall time only labels (DESIGN, G14); durations and due times use the monotonic clock.
"""

import time
from typing import Protocol


class Clock(Protocol):
    """Where the agent reads time."""

    def wall(self) -> float:
        """Seconds since 1970 in UTC, as the machine believes; may jump."""
        ...

    def monotonic(self) -> float:
        """Seconds that only grow, from an arbitrary start."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def wall(self) -> float:
        """Seconds since 1970 in UTC, as the machine believes."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds that only grow."""
        return time.monotonic()
