"""How far this machine's clock is from the platform's, by the `Date` of its answers (G14).

A wrong clock changes nothing but the times that are shown; it is measured so that somebody sets it.
"""

from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from store_agent.domain.summary import duration

NOTICEABLE_SECONDS = 120.0
"""Labels that are wrong by less mislead nobody."""

CALL_SECONDS_MAX = 10.0
"""Of a call that took longer it is not known well enough when the platform wrote its date."""

JUMP_SECONDS = 1.0
"""Clocks that grew apart by more during one call tell that the wall clock was set meanwhile."""


class Moment(NamedTuple):
    """Both clocks read together: wall time in seconds since 1970, and seconds that only grow."""

    wall: float
    monotonic: float


@dataclass(frozen=True, slots=True)
class Skew:
    """`seconds` that this machine's clock is ahead of the platform's (negative: behind), give or take `within`."""

    seconds: float
    within: float

    @property
    def noticeable(self) -> bool:
        """Tell whether somebody should set the clock."""
        return abs(self.seconds) - self.within > NOTICEABLE_SECONDS

    @property
    def words(self) -> str:
        """Say how the clocks differ."""
        if abs(self.seconds) <= max(self.within, 1.0):
            return "The clock of this machine agrees with the platform's."
        side = "ahead of" if self.seconds > 0 else "behind"
        return f"The clock of this machine is {duration(abs(self.seconds))} {side} the platform's."


MEANING = "Sales are safe and go out in the order they came; only the times that are shown are wrong."
CURE = "Set the clock, for example with: timedatectl set-ntp true"


def estimate(date: float, began: Moment, ended: Moment) -> Skew | None:
    """Give the skew by an answer that is dated `date` (seconds since 1970), or None if it tells too little.

    The date has whole seconds, and was written some time between the begin and the end of the call.
    """
    took = ended.monotonic - began.monotonic
    if took > CALL_SECONDS_MAX or abs(ended.wall - began.wall - took) > JUMP_SECONDS:
        return None
    return Skew((began.wall + ended.wall) / 2 - (date + 0.5), took / 2 + 0.5)


def read_date(value: str | None) -> float | None:
    """Read a date of HTTP as seconds since 1970, or None if it is none (RFC 9110, section 5.6.7)."""
    try:
        moment = parsedate_to_datetime(value or "")
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
