"""The books of a business day: from the last day close to the next (G2).

A day is bounded by closes and not by a clock, which may be wrong (G14). What was still open at the last close is
carried into the day: carried + accepted = delivered + superseded + discarded + parked + held + frozen + waiting.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from store_agent.domain.lifecycle import OPEN, State

ACCEPTED = "accepted"
"""The tally of everything ever taken, beside those of the states."""

KEEPS_OPEN = (*OPEN, State.PARKED)
"""States that want something done before a day is complete."""

_ENDS = (State.DELIVERED, State.SUPERSEDED, State.DISCARDED)


class Tally(NamedTuple):
    """Revisions and their amounts together, in units of the books."""

    revisions: int
    amount: int

    def __add__(self, other: object) -> "Tally":
        """Add counts and amounts."""
        if not isinstance(other, Tally):
            return NotImplemented
        return Tally(self.revisions + other.revisions, self.amount + other.amount)

    def __sub__(self, other: "Tally") -> "Tally":
        """Subtract counts and amounts."""
        return Tally(self.revisions - other.revisions, self.amount - other.amount)


NOTHING = Tally(0, 0)

Tallies = Mapping[str, Tally]
"""By state, and ACCEPTED; since the first sale."""


@dataclass(frozen=True, slots=True)
class DayBooks:
    """A business day. `since` is when the one before was closed (milliseconds since 1970), None for the first."""

    number: int
    since: int | None
    carried: Tally
    accepted: Tally
    by_state: dict[State, Tally]

    @property
    def balanced(self) -> bool:
        """Tell whether what came in is where it should be, in number and money."""
        return self.carried + self.accepted == sum(self.by_state.values(), NOTHING)

    @property
    def unfinished(self) -> Tally:
        """Return what keeps the day open."""
        return sum((self.by_state[state] for state in KEEPS_OPEN), NOTHING)


def day_books(number: int, since: int | None, then: Tallies, now: Tallies) -> DayBooks:
    """Give the books of the day that began with the tallies `then`."""
    by_state = {state: now[state] - then[state] if state in _ENDS else now[state] for state in State}
    carried = sum((then[state] for state in KEEPS_OPEN), NOTHING)
    return DayBooks(number, since, carried, now[ACCEPTED] - then[ACCEPTED], by_state)
