"""How large requests are made: smaller when the platform cannot take them, larger again with care (G5)."""

from dataclasses import dataclass, replace

from store_agent.domain.batch import BatchLimits, FrozenBatch
from store_agent.domain.outcome import Delivered, Loss, Outcome, TooLarge, Transport

BYTES_MIN = 4_096
"""Below this size it is not the size."""

GROW_AFTER = 5
"""Delivered requests in a row, each as large as allowed, before a larger one is tried."""


@dataclass(frozen=True, slots=True)
class Sizing:
    """The limits in force, and how many requests at the limit were delivered since they last changed."""

    limits: BatchLimits
    proven: int = 0


def after(sizing: Sizing, outcome: Outcome, batch: FrozenBatch, most: BatchLimits, *, line_up: bool) -> Sizing:
    """Return the sizing after an outcome; it never exceeds `most`.

    `line_up` tells whether the line was up when the batch was sent: a time-out on a line that is down says nothing.
    """
    if isinstance(outcome, TooLarge) or (line_up and _timed_out(outcome, batch)):
        return Sizing(_smaller(sizing.limits, batch))
    if not isinstance(outcome, Delivered) or sizing.limits == most:
        return sizing
    if len(batch.members) < sizing.limits.count_max and batch.size < sizing.limits.bytes_max // 2:
        return sizing
    if sizing.proven + 1 < GROW_AFTER:
        return replace(sizing, proven=sizing.proven + 1)
    return Sizing(_larger(sizing.limits, most))


def _timed_out(outcome: Outcome, batch: FrozenBatch) -> bool:
    """Tell whether the size may be the cause; that of a single sale cannot be made smaller."""
    return isinstance(outcome, Transport) and outcome.loss is Loss.TIME and len(batch.members) > 1


def _smaller(limits: BatchLimits, batch: FrozenBatch) -> BatchLimits:
    count = min(limits.count_max, max(1, len(batch.members) // 2)) if len(batch.members) > 1 else limits.count_max
    return BatchLimits(count, min(limits.bytes_max, max(BYTES_MIN, batch.size // 2)))


def _larger(limits: BatchLimits, most: BatchLimits) -> BatchLimits:
    count = min(most.count_max, limits.count_max + 1)
    return BatchLimits(count, min(most.bytes_max, limits.bytes_max + limits.bytes_max // 4))
