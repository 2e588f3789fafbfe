"""Ends the time for which the token before a rotation stays good."""

from collections.abc import Iterable
from typing import Protocol

from store_agent.storage.terminals import Overlap, Terminal, Terminals


class Callers(Protocol):
    """Who may call; counts the time in which the agent runs (G14)."""

    def overlaps(self) -> list[Overlap]:
        """Give the tokens of before a rotation, with the seconds for which they are good."""
        ...

    def replace(self, terminals: Iterable[Terminal]) -> None:
        """Know exactly these terminals from now on."""
        ...


class OverlapChore:
    """Keeps what is left, so that a restart does not begin anew, and has callers forget what is over."""

    def __init__(self, terminals: Terminals, callers: Callers) -> None:
        self._terminals = terminals
        self._callers = callers

    async def run_once(self) -> None:
        """Write, if there is anything. Raises Busy or StorageFailure."""
        overlaps = self._callers.overlaps()
        if overlaps:
            await self._terminals.keep(overlaps)
            self._callers.replace(await self._terminals.all())
