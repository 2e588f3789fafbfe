"""Keeps when each terminal last called, so that a screen can tell a till that is silent also after a restart."""

from collections.abc import Mapping

from store_agent.storage.terminals import Terminals


class LastSeenChore:
    """Writes what has changed of `seen`: terminal to wall time in seconds. Calls themselves write nothing."""

    def __init__(self, terminals: Terminals, seen: Mapping[str, float]) -> None:
        self._terminals = terminals
        self._seen = seen
        self._written: dict[str, float] = {}

    async def run_once(self) -> None:
        """Write. Raises Busy or StorageFailure; the next run writes what this one did not."""
        now = dict(self._seen)
        changed = {name: at for name, at in now.items() if self._written.get(name) != at}
        if changed:
            await self._terminals.saw(changed)
        self._written = now
