"""What happened, in order: for the person who looks at a failing seed, and to tell that two runs were the same."""

import hashlib
from collections.abc import Callable
from typing import Any


class Trace:
    """Takes facts as they happen; turns them into words only when asked."""

    def __init__(self, now: Callable[[], float], *, keeps: bool = True) -> None:
        self._now = now
        self._keeps = keeps
        self._events: list[tuple[float, tuple[Any, ...]]] = []

    def note(self, *facts: Any) -> None:
        """Remember that something happened now."""
        if self._keeps:
            self._events.append((self._now(), facts))

    def lines(self) -> list[str]:
        """Tell everything, one line an event."""
        return [f"{at:12.6f}  {' '.join(map(str, facts))}" for at, facts in self._events]

    def digest(self) -> str:
        """Return a hash over everything that happened."""
        return hashlib.sha256("\n".join(self.lines()).encode()).hexdigest()
