"""What the API needs of the queue of print jobs."""

from typing import Protocol

from store_agent.domain.prints import PrintJob
from store_agent.storage.prints import Noted


class Prints(Protocol):
    """Where jobs are kept."""

    async def put(
        self, printer: str, content: bytes, about: str, noted: Noted | None = None, *, once: bool = False
    ) -> int:
        """Keep something to be printed; with `once`, only if it was not before."""
        ...

    async def wait_until_tried(self, number: int) -> None:
        """Wait until a job is tried or settled."""
        ...

    async def give_up(self, number: int, words: str) -> bool:
        """Give up a job; tells whether it waited until now. One that is in its printer goes on waiting."""
        ...

    async def find(self, number: int) -> PrintJob | None:
        """Give one job."""
        ...

    async def queued(self) -> list[PrintJob]:
        """Give what waits, the oldest first."""
        ...

    async def waiting(self) -> dict[str, int]:
        """Count the jobs that wait, by printer."""
        ...

    async def last_printed(self, printer: str) -> int | None:
        """Tell when a printer printed last."""
        ...
