"""Writes a little now and then, so that a disk that hangs or fails is noticed when nothing is sold, too (G17)."""

from store_agent.storage.facts import Facts


class Heartbeat:
    """A chore."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._beats = 0

    async def run_once(self) -> None:
        """Write. Raises Busy or StorageFailure; the writer itself tells how long it takes."""
        self._beats += 1
        await self._facts.note("heartbeat", str(self._beats))
