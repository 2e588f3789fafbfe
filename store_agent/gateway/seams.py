"""What the gateway needs of its neighbours."""

from collections.abc import Callable, Sequence
from typing import Protocol

from store_agent.domain.batch import Request
from store_agent.domain.link import Link
from store_agent.domain.offers import Use
from store_agent.domain.outcome import Outcome
from store_agent.domain.relayed import Target
from store_agent.domain.reply import Reply
from store_agent.storage.deferral import Deferral
from store_agent.storage.offers import Applied, Asked, Noted, Taken
from store_agent.storage.remembered import Recollection


class Platform(Protocol):
    """The far side."""

    def mint(self) -> str:
        """Make a request_id."""
        ...

    def enclose(self, endpoint: str, request_id: str, payload: str, forwarded: str) -> Request:
        """Make a request of the POS API."""
        ...

    async def ask(self, request: Request, seconds: float) -> Reply:
        """Make a call of the POS API."""
        ...

    async def relay(self, target: Target, request_id: str, body: bytes, seconds: float) -> Reply:
        """Make a call of another upstream."""
        ...


class Line(Protocol):
    """The drain, with which the view of the line is shared."""

    @property
    def link(self) -> Link:
        """The line as last seen."""
        ...

    def hear(self, outcome: Outcome) -> None:
        """Learn from a call that failed."""
        ...

    def wake(self, newest: int | None = None) -> None:
        """Say that something was stored."""
        ...

    def adopt(self, newest: int) -> None:
        """Say that something was stored as a request already."""
        ...


class Offers(Protocol):
    """Offers in use."""

    async def ask(self, asked: Asked) -> Noted:
        """Note what is asked for."""
        ...

    async def apply(self, number: int, applied: Applied) -> int | None:
        """Note that the platform did it; gives the sequence of the call that takes it back, if it is too late."""
        ...

    async def allow(self, number: int, applied: Applied, why_not: Callable[[Taken], str]) -> str:
        """Apply an offer offline, unless there is a reason why not."""
        ...

    async def refuse(self, number: int) -> None:
        """Note that the platform did not do it."""
        ...

    async def uses(self, offer: str) -> list[Use]:
        """Give what uses an offer, the last first."""
        ...

    async def must_wait(self, deferral: Deferral) -> bool:
        """Tell whether something is on its way that goes before a call."""
        ...

    async def take_back(self, uses: Sequence[Use]) -> int | None:
        """Note that offers were given back, and have the platform told."""
        ...

    async def release(self, uses: Sequence[Use], deferral: Deferral | None = None) -> int | None:
        """Note that offers were given back, and have the platform told later."""
        ...

    async def defer(self, deferral: Deferral) -> int:
        """Take a call that is to be made later."""
        ...

    async def grow_older(self, seconds: int) -> None:
        """Add seconds that the agent ran."""
        ...

    async def forget(self, age: int) -> list[Use]:
        """Take back what is open for so long."""
        ...

    async def miss(self) -> list[Use]:
        """Take back what only a sale carries that will not arrive."""
        ...

    async def purge(self) -> bool:
        """Delete what is old."""
        ...


class Memory(Protocol):
    """Answers of the platform that are kept for when it cannot be asked."""

    async def keep(self, names: Sequence[tuple[str, str]], offers: Sequence[str], body: bytes) -> None:
        """Keep an answer under names, and for offers in it."""
        ...

    async def forget(self, kind: str, value: str) -> None:
        """Forget the answer under a name."""
        ...

    async def find(self, kind: str, value: str) -> Recollection | None:
        """Find the last answer under a name."""
        ...

    async def find_offer(self, offer: str) -> Recollection | None:
        """Find the last answer that an offer was in."""
        ...


class Room(Protocol):
    """The room on the disk."""

    def admit(self, size: int) -> bool:
        """Whether so many bytes may be taken."""
        ...

    @property
    def words(self) -> str:
        """What a manager is told."""
        ...
