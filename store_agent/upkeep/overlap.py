"""Ends the time for which the token before a rotation stays good, and has callers known as they are kept.

The latter in case that they could not be read when they changed: who was shut out must not come in for ever.
"""

from typing import Protocol

from store_agent.storage.terminals import Overlap, Terminals


class Callers(Protocol):
    """Who may call; counts the time in which the agent runs (G14)."""

    def overlaps(self) -> list[Overlap]:
        """Give the tokens of before a rotation, with the seconds for which they are good."""
        ...

    async def learn(self, terminals: Terminals) -> None:
        """Know the terminals as they are kept now."""
        ...


class OverlapChore:
    """Keeps what is left, so that a restart does not begin anew, and has callers forget what is over."""

    def __init__(self, terminals: Terminals, callers: Callers) -> None:
        self._terminals = terminals
        self._callers = callers

    async def run_once(self) -> None:
        """Write, if there is anything, and read. Raises Busy or StorageFailure."""
        overlaps = self._callers.overlaps()
        if overlaps:
            await self._terminals.keep(overlaps)
        await self._callers.learn(self._terminals)
