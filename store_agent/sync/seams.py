"""What keeping in step needs of its neighbours."""

from typing import Protocol


class Outbox(Protocol):
    """Where uploads wait."""

    async def put(self, call: str, payload: str, *, again: bool) -> int | None:
        """Hand over an upload; gives its sequence, None if it is the same as the last one."""
        ...


class Line(Protocol):
    """The drain."""

    def wake(self, newest: int | None = None) -> None:
        """Say that something was stored."""
        ...


class Room(Protocol):
    """The room on the disk."""

    def admit(self, size: int) -> bool:
        """Whether so many bytes may be taken."""
        ...
