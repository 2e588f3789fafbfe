"""The machine's clocks: one that only grows, and one that a plan sets to anything (G14)."""

from tests.simulation.loop import VirtualLoop

TODAY = 1_780_000_000.0
"""Wall time at the start, seconds since 1970."""


class VirtualClock:
    """Implements `store_agent.clock.Clock` on virtual time."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self._offset = TODAY - loop.time()

    def wall(self) -> float:
        """Seconds since 1970, as the machine believes."""
        return self._loop.time() + self._offset

    def monotonic(self) -> float:
        """Seconds that only grow."""
        return self._loop.time()

    def set(self, wall: float) -> None:
        """Set the wall clock; nothing but labels may change."""
        self._offset = wall - self._loop.time()

    def move(self, seconds: float) -> None:
        """Move the wall clock."""
        self._offset += seconds
