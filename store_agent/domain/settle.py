"""What an outcome does to the batch it answers (DESIGN, section 3).

Either the batch is done (delivered, parked), or it is split, or it stays frozen and goes out again as it is. Only a
definite answer ends a batch; doubt never does (G3).
"""

from dataclasses import dataclass

from store_agent.domain.batch import halves
from store_agent.domain.outcome import Delivered, Halted, Outcome, Pending, PlatformFailure, Refused, TooLarge

PLATFORM_FAILURES_MAX = 5
"""Times a batch is sent unchanged into a failing platform (5xx) before it is split to find a poison record."""


@dataclass(frozen=True, slots=True)
class Deliver:
    """All members are at the platform."""

    said: str


@dataclass(frozen=True, slots=True)
class Split:
    """The members go out again in smaller requests, in this order."""

    parts: tuple[tuple[int, ...], ...]
    words: str
    said: str


@dataclass(frozen=True, slots=True)
class Park:
    """The only member is set aside for a person."""

    words: str
    said: str


@dataclass(frozen=True, slots=True)
class Keep:
    """The batch stays frozen; the same bytes go again when the line allows.

    `rests` asks for a pause of its own first, since the line is up and would take it at once. `counts` says whether
    it was an attempt; a halted line's is none.
    """

    words: str
    said: str
    platform_failed: bool = False
    rests: bool = False
    counts: bool = True


Decision = Deliver | Split | Park | Keep


def decide(outcome: Outcome, members: tuple[int, ...], platform_failures: int) -> Decision:
    """Decide on a batch of `members` that failed `platform_failures` times with a 5xx before this outcome."""
    if isinstance(outcome, Delivered):
        return Deliver(outcome.said)
    if isinstance(outcome, Refused | TooLarge):
        if len(members) > 1:
            return Split(tuple(halves(members)), outcome.words, outcome.said)
        return Park(outcome.words, outcome.said)
    if isinstance(outcome, PlatformFailure):
        if len(members) > 1 and platform_failures + 1 >= PLATFORM_FAILURES_MAX:
            return Split(tuple(halves(members)), outcome.words, outcome.said)
        return Keep(outcome.words, outcome.said, platform_failed=True, rests=True)
    rests, counts = isinstance(outcome, Pending), not isinstance(outcome, Halted)
    return Keep(outcome.words, outcome.said, rests=rests, counts=counts)
