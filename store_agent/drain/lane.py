"""A lane of the drain: requests that take turns with each other, and not with those of the other lane (G10)."""

from collections import deque
from dataclasses import dataclass, field

from store_agent.domain.batch import FrozenBatch


@dataclass(slots=True)
class Lane:
    """`ready` are frozen and wait for their turn; `more` says that the queue may hold more for this lane."""

    ready: deque[FrozenBatch] = field(default_factory=deque)
    in_flight: int = 0
    settling: int = 0
    freezing: bool = False
    more: bool = True

    @property
    def empty(self) -> bool:
        """Tell whether nothing of this lane is on its way."""
        return not (self.ready or self.in_flight or self.settling or self.freezing or self.more)
