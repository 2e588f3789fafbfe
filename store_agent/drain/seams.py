"""What the drain needs of its neighbours."""

from collections.abc import Callable, Sequence
from typing import Protocol

from store_agent.domain.batch import BatchLimits, FrozenBatch, Member, Request
from store_agent.domain.outcome import Outcome
from store_agent.domain.settle import Decision

Assemble = Callable[[Sequence[Member]], Request]


class Queue(Protocol):
    """The outbox."""

    async def unsettled(self) -> list[FrozenBatch]:
        """Give the frozen requests whose outcome is not known, oldest first."""
        ...

    async def freeze(self, batches: int, limits: BatchLimits, assemble: Assemble) -> list[FrozenBatch]:
        """Commit up to `batches` requests out of what waits."""
        ...

    async def settle(self, batch: FrozenBatch, decision: Decision, assemble: Assemble) -> list[FrozenBatch]:
        """Carry out a decision; gives the smaller batches of a split."""
        ...


class Platform(Protocol):
    """The far side."""

    def assemble(self, members: Sequence[Member]) -> Request:
        """Make a request."""
        ...

    async def send(self, batch: FrozenBatch) -> Outcome:
        """Send a frozen request; every end is an outcome."""
        ...
