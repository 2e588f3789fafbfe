"""What happens in a seed, as data. Times are seconds since the start of the run."""

from dataclasses import dataclass, field
from enum import StrEnum

from tests.simulation.faults import Window
from tests.simulation.sales import PlannedSale


class Scenario(StrEnum):
    """What a seed is about; some are free of all trouble but one, so that numbers can be held against it."""

    STORM = "storm"
    CROWD = "crowd"
    REFUSALS = "refusals only"
    BURST = "burst of refusals"
    RUSH = "live sales beside a backlog"
    CALM = "no trouble"
    OUTAGE = "outage"
    STACKED = "troubles one after the other"


class End(StrEnum):
    """How a life of the agent ends."""

    CRASH = "crash"
    CRASH_BEFORE_COMMIT = "crash before a commit"
    CRASH_AFTER_COMMIT = "crash after a commit, before its answer"
    RESTART = "restart"


class Act(StrEnum):
    """What a manager does."""

    RETRY = "retry"
    HOLD = "hold"
    RELEASE = "release"
    DISCARD = "discard"
    RESUME = "resume"


@dataclass(frozen=True, slots=True)
class Call:
    """A till sends these together, `pause` after the last call was acknowledged."""

    pause: float
    sales: tuple[PlannedSale, ...]


@dataclass(frozen=True, slots=True)
class TillPlan:
    """A lane and what it sells, in order."""

    name: str
    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class PlannedEnd:
    """The agent ends; it is started anew after `down` seconds."""

    at: float
    end: End
    down: float


@dataclass(frozen=True, slots=True)
class Jump:
    """The wall clock is set to `to` seconds since 1970, or moved by `by`."""

    at: float
    to: float | None = None
    by: float = 0.0


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds without faults: one way of the line, the platform's work, a unit of work on the disk."""

    line: float = 0.05
    work: float = 0.2
    disk: float = 0.002


@dataclass(frozen=True, slots=True)
class Tuning:
    """Settings of the agent that a seed varies."""

    concurrency: int = 4
    count_max: int = 10
    bytes_max: int = 1_000_000
    probe_interval: float = 60.0
    spread: float = 0.0


@dataclass(frozen=True, slots=True)
class Nature:
    """What the platform holds against some sales.

    `bad` markers are refused until `mended_at`; `poison` transactions fail with 500 until all faults cease. Requests
    of more than `count_max` sales or `bytes_max` bytes get a 413, from first to last.
    """

    bad: frozenset[int] = frozenset()
    mended_at: float = float("inf")
    poison: frozenset[str] = frozenset()
    count_max: int = 1_000
    bytes_max: int = 100_000_000


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that happens. Faults cease at `calm_at`, or when the tills are done if that is later.

    `person`: somebody looks after the line then; else the agent has to come back by itself.
    """

    seed: int
    scenario: Scenario
    tills: tuple[TillPlan, ...]
    windows: tuple[Window, ...] = ()
    ends: tuple[PlannedEnd, ...] = ()
    jumps: tuple[Jump, ...] = ()
    acts: tuple[tuple[float, Act], ...] = ()
    pace: Pace = field(default_factory=Pace)
    tuning: Tuning = field(default_factory=Tuning)
    nature: Nature = field(default_factory=Nature)
    calm_at: float = 0.0
    person: bool = True

    @property
    def sales(self) -> int:
        """Count what the tills send, repeats included."""
        return sum(len(call.sales) for till in self.tills for call in till.calls)
