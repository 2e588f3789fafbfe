"""What an outcome does to the batch it answers (DESIGN, section 3).

Either the batch is done (delivered, parked), or it is split, or it stays frozen and goes out again as it is. Only a
definite answer ends a batch; doubt never does (G3).
"""

from dataclasses import dataclass, replace

from store_agent.domain.batch import FrozenBatch, pieces
from store_agent.domain.outcome import (
    Delivered,
    Halted,
    Outcome,
    Pending,
    PlatformFailure,
    Refused,
    TooLarge,
)

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
    """The only member is set aside for a person.

    `fields` are those the platform names. `burst` are revisions, this one among them, whose refusal is the
    configuration's fault; they go back to waiting once that is mended (G6).
    """

    words: str
    said: str
    fields: tuple[str, ...] = ()
    burst: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Keep:
    """The batch stays frozen; the same bytes go again when the line allows.

    `rests` asks for a pause of its own first, since the line is up and would take it at once. `counts` says whether
    it was an attempt; a halted line's is none. `blamed` says that a failure of the platform speaks against the batch.
    """

    words: str
    said: str
    blamed: bool = False
    rests: bool = False
    counts: bool = True


_TOO_LARGE = " Ask the platform to take larger ones, then retry it; or set catalog.upload_bytes_max to what it takes."

Decision = Deliver | Split | Park | Keep


def apart(decision: Decision) -> Decision:
    """Let a request rest by itself between its tries, whatever the line is like."""
    return replace(decision, rests=True) if isinstance(decision, Keep) else decision


def decide(outcome: Outcome, batch: FrozenBatch, *, blamed: bool, burst: tuple[int, ...] = ()) -> Decision:
    """Decide on a batch.

    `blamed` tells whether a 5xx speaks against this batch (`link.blames`), `burst` are the revisions of a burst of
    refusals that this outcome completes.
    """
    if isinstance(outcome, Delivered):
        return Deliver(outcome.said)
    if isinstance(outcome, Refused) and batch.tidying:
        return Deliver(outcome.said)
    if isinstance(outcome, Halted) and outcome.missing and batch.deferred and not batch.tidying:
        outcome = Refused(outcome.words, outcome.said)
    if isinstance(outcome, Refused | TooLarge):
        if len(batch.members) > 1:
            return Split(tuple(pieces(batch.members)), outcome.words, outcome.said)
        fields = outcome.fields if isinstance(outcome, Refused) else ()
        cure = _TOO_LARGE if isinstance(outcome, TooLarge) and batch.deferred else ""
        return Park(outcome.words + cure, outcome.said, fields, burst)
    if isinstance(outcome, PlatformFailure):
        if blamed and len(batch.members) > 1 and batch.platform_failures + 1 >= PLATFORM_FAILURES_MAX:
            return Split(tuple(pieces(batch.members)), outcome.words, outcome.said)
        return Keep(outcome.words, outcome.said, blamed=blamed, rests=True)
    if isinstance(outcome, Halted):
        return Keep(outcome.words, outcome.said, counts=False)
    return Keep(outcome.words, outcome.said, rests=isinstance(outcome, Pending))
