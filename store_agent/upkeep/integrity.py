"""Checks the whole database now and then, also what the check at the start had no time for (G13)."""

from functools import partial

from store_agent.clock import Clock
from store_agent.errors import StorageFailure
from store_agent.storage.database import Database
from store_agent.storage.integrity import refuse_damaged

CHECK_SECONDS_MAX = 120.0
"""A check that takes longer is broken off, so that it does not keep the journal from being folded for too long."""


class IntegrityChore:
    """A chore. Damage is told to whoever listens to the database: the agent starts over and mends it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def run_once(self) -> None:
        """Check. Raises Damaged, or StorageFailure, also where the time was not enough."""
        complete = await self._database.read(partial(refuse_damaged, seconds=CHECK_SECONDS_MAX, clock=self._clock))
        if not complete:
            raise StorageFailure(f"The database could not be checked to its end in {CHECK_SECONDS_MAX:.0f} seconds.")
