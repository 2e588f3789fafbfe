"""What the API needs of its neighbours."""

from collections.abc import Sequence
from typing import Protocol

from store_agent.domain.lifecycle import State
from store_agent.domain.link import Link
from store_agent.storage.intake import Accepted, Arrival
from store_agent.storage.outbox import Books, Detail, Row
from store_agent.storage.terminals import Terminal


class Intake(Protocol):
    """Where sales are accepted."""

    async def accept(self, arrivals: Sequence[Arrival]) -> list[Accepted]:
        """Commit sales together."""
        ...


class Outbox(Protocol):
    """Where the queue is looked at."""

    async def books(self) -> Books:
        """Count everything."""
        ...

    async def page(self, after: int, limit: int, state: State | None) -> list[Row]:
        """List revisions."""
        ...

    async def show(self, sequence: int) -> Detail | None:
        """Give one revision."""
        ...


class Terminals(Protocol):
    """Who may call."""

    async def add(self, name: str) -> str:
        """Let a terminal in; gives its token."""
        ...

    async def revoke(self, name: str) -> None:
        """Shut a terminal out."""
        ...

    async def all(self) -> list[Terminal]:
        """List terminals."""
        ...


class Line(Protocol):
    """The drain, as far as answers speak of it."""

    @property
    def link(self) -> Link:
        """The line as last seen."""
        ...

    @property
    def live(self) -> bool:
        """Whether a sale goes out at once."""
        ...

    def wake(self) -> None:
        """Say that a sale was stored."""
        ...


class Health(Protocol):
    """Whether the agent makes progress (G17)."""

    def problems(self) -> list[str]:
        """Say what does not move; empty when all is well."""
        ...
