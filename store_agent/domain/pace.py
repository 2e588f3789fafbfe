"""How many requests to the platform may be in flight: more while it answers well, fewer when it does not.

Additive increase, multiplicative decrease. A line that has just returned starts at one, so that the stores of a chain
that return together begin gently.
"""

from dataclasses import dataclass

from store_agent.domain.outcome import Delivered, Outcome, Pending, Refused, TooLarge

DECREASE = 0.5
"""What is left of the window after a bad answer."""


@dataclass(frozen=True, slots=True)
class Pace:
    """`window` grows by one for each round of good answers."""

    window: float = 1.0

    @property
    def requests(self) -> int:
        """Requests in flight at most."""
        return int(self.window)


def after(pace: Pace, outcome: Outcome, ceiling: int) -> Pace:
    """Return the pace after an outcome; `ceiling` bounds the requests in flight."""
    if isinstance(outcome, Pending):
        return pace
    if isinstance(outcome, Delivered | Refused | TooLarge):
        return Pace(min(float(ceiling), pace.window + 1.0 / pace.window))
    return Pace(max(1.0, pace.window * DECREASE))
