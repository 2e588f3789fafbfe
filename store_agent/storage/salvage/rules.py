"""What becomes of a revision that was found in a damaged database. Pure.

Two things must never happen: that a sale disappears without a word, and that one the platform may have goes out under
a new request. So what may have been sent and is not certain waits for a person (parked), final states stay, a frozen
request whose bytes are intact stays frozen (repeating it is harmless), and a text that is not as it was stored is never
sent.
"""

from dataclasses import dataclass
from enum import Enum, auto

from store_agent.domain.lifecycle import State

FINAL = frozenset({State.DELIVERED, State.SUPERSEDED, State.DISCARDED})


class Request(Enum):
    """What is known of the request that a frozen revision is part of."""

    INTACT = auto()
    DELIVERED = auto()
    UNREADABLE = auto()


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a revision.

    `state` is what the best copy of its row says, None if that is unreadable; `certain` tells that the copy is the
    newest. `indexed` is the state by the index, if that is certain. `intact` tells that facts and text are as they were
    stored. `request` is that of a frozen one, `request_certain` tells that its row is the newest.
    """

    state: State | None
    certain: bool
    indexed: State | None
    intact: bool
    request: Request = Request.UNREADABLE
    request_certain: bool = False


class Fate(Enum):
    """What becomes of a revision: it keeps its state, or that which is certain, a person decides, or it is lost."""

    KEEP = auto()
    DELIVERED = auto()
    DOUBT = auto()
    LOST = auto()


def decide(seen: Seen) -> Fate:
    """Tell what becomes of a revision. KEEP keeps `known_state`."""
    state = known_state(seen)
    if state in FINAL:
        return Fate.KEEP
    if state is State.FROZEN and seen.request is Request.DELIVERED:
        return Fate.DELIVERED
    if not seen.intact:
        return Fate.LOST
    if state is State.FROZEN:
        harmless = seen.request is Request.INTACT and (_is_trusted(seen) or seen.request_certain)
        return Fate.KEEP if harmless else Fate.DOUBT
    return Fate.KEEP if state is State.PARKED or _is_trusted(seen) else Fate.DOUBT


def known_state(seen: Seen) -> State | None:
    """Give the state by row or index. A final one is never left again, so that any copy proves it."""
    if seen.indexed in FINAL and not seen.certain:
        return seen.indexed
    return seen.state or seen.indexed


def _is_trusted(seen: Seen) -> bool:
    """Tell whether the state is that of the last commit: row and index are witnesses, and must not disagree."""
    if seen.indexed is not None:
        return seen.state in (None, seen.indexed)
    return seen.certain and seen.state is not None
