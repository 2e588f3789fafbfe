"""How fast a caller may call: a bound far above any till's, against a program that has run wild (G11)."""

from collections import OrderedDict

from store_agent.clock import Clock

KNOWN_MAX = 1_024
"""Callers whose pace is remembered; a store has some ten."""


ROUNDING = 1e-6
"""Seconds that sums of fractions may be off."""


class Rates:
    """`per_second` calls go on for ever, and `burst` of them at once.

    For each caller one number is kept: the time at which all that it called would have been due at an even pace.
    """

    def __init__(self, clock: Clock, per_second: float, burst: int) -> None:
        self._clock = clock
        self._each = 1.0 / per_second
        self._ahead = burst / per_second + ROUNDING
        self._due: OrderedDict[str, float] = OrderedDict()

    def wait(self, caller: str) -> float:
        """Count a call, and give 0; or give the seconds after which it may be made, and do not count it."""
        now = self._clock.monotonic()
        due = max(self._due.get(caller, now), now) + self._each
        if due - now > self._ahead:
            return due - now - self._ahead
        self._due[caller] = due
        self._due.move_to_end(caller)
        if len(self._due) > KNOWN_MAX:
            self._due.popitem(last=False)
        return 0.0
