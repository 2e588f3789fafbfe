"""What was found wrong, by guarantee."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """A guarantee that did not hold, and how it showed. `at` is virtual time in seconds since the start."""

    guarantee: str
    words: str
    at: float

    def __str__(self) -> str:
        return f"{self.guarantee} at {self.at:.3f} s: {self.words}"


class Verdict:
    """Collects violations; the first one ends the run, since what follows it proves little."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.violations: list[Violation] = []
        self.ends: Callable[[], object] = lambda: None

    def against(self, guarantee: str, words: str) -> None:
        """Note a violation."""
        self.violations.append(Violation(guarantee, words, self._now()))
        self.ends()

    def expect(self, holds: object, guarantee: str, words: str) -> None:
        """Note a violation unless something holds."""
        if not holds:
            self.against(guarantee, words)
