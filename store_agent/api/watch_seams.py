"""What the API needs of what watches over the agent: whether it moves, what is measured, and its chores."""

from collections.abc import Callable
from typing import Any, Protocol

SalesTaken = Callable[[str, int, float], None]
"""Hears of a call whose sales were taken: its path, how many, and the seconds from its last byte to the answer."""


class Overview(Protocol):
    """What has no screen of its own: chores, clock."""

    @property
    def words(self) -> list[str]:
        """What a manager should know; nothing when all is well."""
        ...

    def as_json(self) -> dict[str, Any]:
        """How the chores and the clock are, by name."""
        ...


class Health(Protocol):
    """Whether the agent makes progress (G17)."""

    def problems(self) -> list[str]:
        """Say what does not move; empty when all is well."""
        ...


class Metrics(Protocol):
    """What is measured. What it hears costs a few microseconds and never fails."""

    def sales_taken(self, path: str, sales: int, seconds: float) -> None:
        """Hear of a call whose sales were taken."""
        ...

    def answered(self, status: int) -> None:
        """Hear of an answer by its status of HTTP."""
        ...

    def failed(self) -> None:
        """Hear of a request at which the agent itself failed."""
        ...

    async def expose(self, accept: str) -> tuple[bytes, str]:
        """Give everything as Prometheus reads it, with its media type; `accept` is the caller's header."""
        ...
