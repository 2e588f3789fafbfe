"""The books: how many revisions, and how much money, are in which state (G2)."""

from dataclasses import dataclass, field

from store_agent.domain.day import ACCEPTED, Tally
from store_agent.domain.lifecycle import OPEN, State
from store_agent.storage import sqlite
from store_agent.storage.queries import load

_SQL = load("books")


@dataclass(frozen=True, slots=True)
class Books:
    """The tallies of all states and of what was ever accepted, and since when the oldest open revision waits.

    `calls` is how many of the open and parked ones are deferred calls, and no sales.
    """

    accepted: Tally
    by_state: dict[State, Tally]
    oldest_open_at: int | None
    calls: dict[State, int] = field(default_factory=dict)

    @property
    def balanced(self) -> bool:
        """Tell whether accepted equals the sum of all states (G2)."""
        return self.accepted.revisions == sum(tally.revisions for tally in self.by_state.values())


def read_books(raw: sqlite.Connection) -> Books:
    """Read all tallies as of one moment, also of an older schema, which has no calls."""
    raw.execute("BEGIN")
    try:
        tallies = read_tallies(raw)
        oldest = [row[0] for state in OPEN for row in raw.execute(_SQL["oldest_of"], (state.value,)).fetchall()]
    finally:
        raw.execute("COMMIT")
    return Books(tallies[ACCEPTED], {state: tallies[state] for state in State}, min(oldest, default=None))


def read_calls(raw: sqlite.Connection) -> dict[State, int]:
    """Count the deferred calls that are on their way or parked."""
    return {State(state): count for state, count in raw.execute(_SQL["calls"]).fetchall()}


def read_counts(raw: sqlite.Connection) -> dict[str, int]:
    """Count the revisions of all states and of what was ever accepted, as of one moment."""
    return {state: tally.revisions for state, tally in read_tallies(raw).items()}


def read_tallies(raw: sqlite.Connection) -> dict[str, Tally]:
    """Read the tallies of all states and of what was ever accepted."""
    return {state: Tally(revisions, amount) for state, revisions, amount in raw.execute(_SQL["tallies"]).fetchall()}
