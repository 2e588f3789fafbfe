"""What a person may do to a revision of the queue, and from which state (DESIGN, section 5)."""

from dataclasses import dataclass
from enum import StrEnum

from store_agent.domain.lifecycle import State


class Action(StrEnum):
    """Done by a person, or by the program, and audited."""

    RETRY = "retry"
    HOLD = "hold"
    RELEASE = "release"
    DISCARD = "discard"
    DRAIN = "drain"
    DAY_CLOSE = "day_close"
    RESTORE = "restore"
    EXPORT = "export"
    TERMINAL_ADD = "terminal_add"
    TERMINAL_REVOKE = "terminal_revoke"
    REPRINT = "reprint"
    ACKNOWLEDGE = "acknowledge"
    CONFIGURATION = "configuration"
    SALVAGE = "salvage"
    TERMINAL_ROTATE = "terminal_rotate"
    KEY_ROTATE = "key_rotate"


PROGRAM = "store-agent"
"""Who did what no person did."""


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

_FITS: dict[Action, str] = {
    Action.RETRY: "Only a sale that the platform refused can be sent again",
    Action.HOLD: "Only a sale that waits can be held",
    Action.RELEASE: "Only a held sale can be released",
    Action.DISCARD: "Only a sale that the platform refused can be discarded",
}

_WHY_NOT: dict[State, str] = {
    State.WAITING: "this one waits to be sent",
    State.FROZEN: "this one is being sent right now; look again when that has ended",
    State.HELD: "this one is held; release it first",
    State.PARKED: "this one was refused and set aside; retry or discard it",
    State.DELIVERED: "this one is at the platform already",
    State.SUPERSEDED: "a newer state of the same sale took the place of this one",
    State.DISCARDED: "this one was discarded",
}


def why_not(action: Action, state: State) -> str:
    """Say why an action does not fit a state, for the manager; empty if it fits."""
    if FROM_STATE[action] is state:
        return ""
    return f"{_FITS[action]}; {_WHY_NOT[state]}."
