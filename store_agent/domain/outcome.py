"""What a call to a platform can end in: a closed union (DESIGN, section 3, Outcomes of a platform call).

`words` are for a manager, `said` is the platform's own text (empty if it said nothing), kept with the revision.
"""

from dataclasses import dataclass
from enum import StrEnum


class Loss(StrEnum):
    """Where a call got lost.

    `line`: the platform was not reached, or something else answered. `reply`: it was reached, and the connection broke
    before its answer was complete. `time`: no complete answer within the deadline.
    """

    LINE = "line"
    REPLY = "reply"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Delivered:
    """The platform took all members."""

    said: str = ""


@dataclass(frozen=True, slots=True)
class Transport:
    """Nothing is known: the request may or may not have arrived. The same bytes go again, for ever."""

    words: str
    said: str = ""
    loss: Loss = Loss.LINE


@dataclass(frozen=True, slots=True)
class Throttled:
    """The platform asks to wait; `seconds` is None if it did not say how long."""

    words: str
    seconds: float | None
    said: str = ""


@dataclass(frozen=True, slots=True)
class Halted:
    """The configuration is at fault; a person has to mend it. `cure` says what.

    `missing` tells that the platform does not know what was asked for, rather than who asks.
    """

    words: str
    cure: str
    said: str = ""
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Pending:
    """The platform has the request and is not done; ask again with the same one."""

    words: str
    said: str = ""


@dataclass(frozen=True, slots=True)
class PlatformFailure:
    """The platform failed by itself (5xx)."""

    words: str
    said: str = ""


@dataclass(frozen=True, slots=True)
class TooLarge:
    """The request is larger than the platform takes (413)."""

    words: str
    said: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The platform refuses something in the request as a record; `fields` are those it names, in its own way."""

    words: str
    said: str = ""
    fields: tuple[str, ...] = ()


Outcome = Delivered | Transport | Throttled | Halted | Pending | PlatformFailure | TooLarge | Refused
