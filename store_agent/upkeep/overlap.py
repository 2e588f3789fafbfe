"""Ends the time for which the token before a rotation stays good."""

from collections.abc import Iterable
from typing import Protocol

from store_agent.clock import Clock
from store_agent.storage.terminals import Terminal, Terminals


class Callers(Protocol):
    """Who may call."""

    @property
    def rotating(self) -> bool:
        """Tell whether a token of before a rotation is known."""
        ...

    def replace(self, terminals: Iterable[Terminal]) -> None:
        """Know exactly these terminals from now on."""
        ...


class OverlapChore:
    """Counts time that the agent ran (G14), and tells `callers` what is left."""

    def __init__(self, terminals: Terminals, callers: Callers, clock: Clock) -> None:
        self._terminals = terminals
        self._callers = callers
        self._clock = clock
        self._last = clock.monotonic()

    async def run_once(self) -> None:
        """Let the time since the last run pass for former tokens. Raises Busy or StorageFailure."""
        passed = int(self._clock.monotonic() - self._last)
        if self._callers.rotating and passed:
            await self._terminals.let_pass(passed)
            self._callers.replace(await self._terminals.all())
        self._last += passed
