"""What can go wrong on the way to the platform and under the database."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random


class Fault(StrEnum):
    """A kind of trouble."""

    # The line, on the way there.
    REFUSED = "connection refused"
    LOST_BEFORE = "lost before arrival"
    LATE = "arrives long after its deadline"
    SLOW = "slow and out of order"
    PORTAL = "captive portal"
    GATEWAY = "gateway without a platform"
    CERTIFICATE = "certificate refused"
    # The line, on the way back.
    LOST_AFTER = "answer lost"
    SILENT_AFTER = "answer never comes"
    DRIP = "answer drips beyond the deadline"
    GATEWAY_AFTER = "gateway loses the answer"
    # The platform's front door, where nothing is looked up yet.
    DOOR_500 = "500 for everything"
    THROTTLE = "throttled"
    FORBIDDEN = "credentials refused"
    # The platform behind its idempotency store.
    RANDOM_500 = "500 by chance"
    FAILS_AFTER = "500 after the work is done"
    PENDING = "pending processing"
    REFUSES_ALL = "refuses everything"
    # The disk.
    DISK_REFUSES = "commit fails"
    DISK_FORGETS = "commit done and reported as failed"
    DISK_SLOW = "slow disk"
    DISK_UNREADABLE = "read fails"


THERE = (
    Fault.REFUSED,
    Fault.LOST_BEFORE,
    Fault.LATE,
    Fault.SLOW,
    Fault.PORTAL,
    Fault.GATEWAY,
    Fault.CERTIFICATE,
)
BACK = (Fault.LOST_AFTER, Fault.SILENT_AFTER, Fault.DRIP, Fault.GATEWAY_AFTER)
DOOR = (Fault.DOOR_500, Fault.THROTTLE, Fault.FORBIDDEN)
BEHIND = (Fault.RANDOM_500, Fault.FAILS_AFTER, Fault.PENDING, Fault.REFUSES_ALL)
COMMITS = (Fault.DISK_REFUSES, Fault.DISK_FORGETS)


@dataclass(frozen=True, slots=True)
class Window:
    """A fault that strikes with `chance` (0 to 1) between two moments, in seconds since the start."""

    fault: Fault
    start: float
    end: float
    chance: float


class Weather:
    """The faults in force."""

    def __init__(self, windows: Sequence[Window], now: Callable[[], float], chance: Random) -> None:
        self._windows = list(windows)
        self._now = now
        self._chance = chance
        self.struck: Counter[str] = Counter()

    def strike(self, faults: Sequence[Fault]) -> Fault | None:
        """Tell which of some faults strikes now, if one does."""
        now = self._now()
        for window in self._windows:
            if window.start <= now < window.end and window.fault in faults and self._chance.random() < window.chance:
                self.struck[window.fault.value] += 1
                return window.fault
        return None

    def calm(self) -> None:
        """Let all faults cease."""
        self._windows.clear()
