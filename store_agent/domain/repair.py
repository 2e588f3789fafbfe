"""What a person may do to a revision of the queue, and from which state (DESIGN, section 5)."""

from dataclasses import dataclass
from enum import StrEnum

from store_agent.domain.lifecycle import State


class Action(StrEnum):
    """Done by a person, and audited."""

    RETRY = "retry"
    HOLD = "hold"
    RELEASE = "release"
    DISCARD = "discard"
    DRAIN = "drain"
    DAY_CLOSE = "day_close"


@dataclass(frozen=True, slots=True)
class Deed:
    """Who does something, and why."""

    action: Action
    who: str
    reason: str = ""


FROM_STATE: dict[Action, State] = {
    Action.RETRY: State.PARKED,
    Action.HOLD: State.WAITING,
    Action.RELEASE: State.HELD,
    Action.DISCARD: State.PARKED,
}
"""The state that a revision must be in."""

_WHY_NOT: dict[State, str] = {
    State.WAITING: "it waits to be sent",
    State.FROZEN: "it is being sent right now; look again when that has ended",
    State.HELD: "it is held; release it first",
    State.PARKED: "it was refused and set aside; retry or discard it",
    State.DELIVERED: "it is at the platform already",
    State.SUPERSEDED: "a newer state of the same sale took its place",
    State.DISCARDED: "it was discarded",
}


def why_not(action: Action, state: State) -> str:
    """Say why an action does not fit a state, for the manager; empty if it fits."""
    if FROM_STATE[action] is state:
        return ""
    return f"Only {FROM_STATE[action]} sales can be used with {action}; {_WHY_NOT[state]}."
