"""The life of a revision: one table, and every move that is not in it is illegal.

The database refuses the same moves by a trigger; a test holds the two together.
"""

from enum import StrEnum


class State(StrEnum):
    """Where a revision is (DESIGN, sections 1 and 5)."""

    WAITING = "waiting"
    FROZEN = "frozen"
    HELD = "held"
    PARKED = "parked"
    DELIVERED = "delivered"
    SUPERSEDED = "superseded"
    DISCARDED = "discarded"


MOVES: dict[State, frozenset[State]] = {
    State.WAITING: frozenset({State.FROZEN, State.SUPERSEDED, State.HELD}),
    State.FROZEN: frozenset({State.DELIVERED, State.WAITING, State.PARKED}),
    State.HELD: frozenset({State.WAITING}),
    State.PARKED: frozenset({State.WAITING, State.DISCARDED}),
    State.DELIVERED: frozenset(),
    State.SUPERSEDED: frozenset(),
    State.DISCARDED: frozenset(),
}

OPEN = (State.WAITING, State.FROZEN, State.HELD)
"""Not yet at the platform, and on the way there."""


class Listed(StrEnum):
    """What can be listed: every state, and those on the way as one: a sale that waits is now frozen and now not."""

    OPEN = "open"
    WAITING = State.WAITING.value
    FROZEN = State.FROZEN.value
    HELD = State.HELD.value
    PARKED = State.PARKED.value
    DELIVERED = State.DELIVERED.value
    SUPERSEDED = State.SUPERSEDED.value
    DISCARDED = State.DISCARDED.value
