"""What the drain needs of its neighbours."""

from collections.abc import Callable, Sequence
from typing import Protocol

from store_agent.domain.batch import BatchLimits, FrozenBatch, Member, Request, Stretch
from store_agent.domain.outcome import Outcome
from store_agent.domain.settle import Decision

Assemble = Callable[[Sequence[Member]], Request]


class Queue(Protocol):
    """The outbox."""

    async def extent(self) -> tuple[int, bool]:
        """Give the highest sequence, and whether anything waits."""
        ...

    async def unsettled(self) -> list[FrozenBatch]:
        """Give the frozen requests whose outcome is not known, oldest first, without their bodies."""
        ...

    async def body(self, number: int) -> bytes | None:
        """Give the body of a frozen request; None if it is settled."""
        ...

    async def freeze(
        self, batches: int, limits: BatchLimits, assemble: Assemble, stretch: Stretch
    ) -> list[FrozenBatch]:
        """Commit up to `batches` requests out of what waits in a stretch of the queue."""
        ...

    async def settle(self, batch: FrozenBatch, decision: Decision, assemble: Assemble) -> list[FrozenBatch]:
        """Carry out a decision; gives the smaller batches of a split."""
        ...

    async def unpark_burst(self, refusals_max: int | None) -> int:
        """Let what a burst of refusals parked go again; gives how many.

        `refusals_max` leaves out those refused more often.
        """
        ...


class Platform(Protocol):
    """The far side."""

    def assemble(self, members: Sequence[Member]) -> Request:
        """Make a request."""
        ...

    async def send(self, batch: FrozenBatch, body: bytes) -> Outcome:
        """Send a frozen request; every end is an outcome."""
        ...

    async def ask(self) -> Outcome:
        """Ask the platform something that changes nothing."""
        ...

    async def well(self) -> bool:
        """Tell whether the platform answers a question that changes nothing."""
        ...
