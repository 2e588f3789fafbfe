"""The pulse of the queue, for screens: that its counts have changed, and what they are now.

Every sale moves the queue twice or three times, so that telling each move would drown what matters. Here the counts are
looked at while somebody listens, and told as `queue.moved` if they have changed: to the present listeners only, neither
logged nor kept, since the next one says it all again.
"""

import asyncio
from contextlib import suppress

from store_agent.api.hub import Hub
from store_agent.api.seams import Outbox
from store_agent.domain.events import Event
from store_agent.errors import StorageFailure

PULSE_SECONDS = 0.25
"""From one look to the next: four times a second looks like moving to a person, and costs next to nothing."""


class Pulse:
    """Tells listeners how the queue moves, for as long as `run` runs."""

    def __init__(self, outbox: Outbox, hub: Hub) -> None:
        self._outbox = outbox
        self._hub = hub
        self._told: dict[str, int] | None = None
        self._arrivals = 0

    async def run(self) -> None:
        """Look as long as somebody listens, and wait for somebody as long as nobody does."""
        while True:
            await self._hub.wait_until_heard()
            if self._arrivals != self._hub.arrivals:  # whoever came since is told at once
                self._told, self._arrivals = None, self._hub.arrivals
            with suppress(StorageFailure):  # who reads for a reason says so; counts come again
                await self.look()
            await asyncio.sleep(PULSE_SECONDS)

    async def look(self) -> None:
        """Tell the counts unless all were told them already. Raises StorageFailure."""
        counts = await self._outbox.counts()
        if counts != self._told and self._hub.pass_on(Event("queue.moved", "The queue moved.", counts)):
            self._told = counts
