"""The line that `systemctl status` shows: how the store is, in words for whoever looks at many machines."""

import asyncio

from store_agent.agent import systemd
from store_agent.api.seams import Line, Outbox, Space
from store_agent.api.watch_seams import Health
from store_agent.domain.lifecycle import OPEN, State
from store_agent.domain.summary import in_short
from store_agent.errors import StorageFailure

LOOK_SECONDS = 2.0
"""From one look to the next: a person who waits for a change sees it, and it costs next to nothing."""


class StatusLine:
    """Tells systemd the line whenever it has changed, for as long as `run` runs."""

    def __init__(self, line: Line, outbox: Outbox, health: Health, space: Space) -> None:
        self._line = line
        self._outbox = outbox
        self._health = health
        self._space = space

    async def run(self) -> None:
        """Look now and then; where systemd does not listen, wait to be cancelled."""
        if not systemd.listens():
            await asyncio.Event().wait()
        told = ""
        while True:
            words = await self.words()
            if words != told and systemd.say(words):
                told = words
            await asyncio.sleep(LOOK_SECONDS)

    async def words(self) -> str:
        """Give the line: the queue, then what keeps sales from being stored or sent."""
        troubles = " ".join(filter(None, [*self._health.problems(), self._space.words]))
        try:
            counts = await self._outbox.counts()
        except StorageFailure:  # the writer notices, too
            return troubles or "The database cannot be read."
        open_count = sum(counts[state.value] for state in OPEN)
        line = in_short(self._line.link, open_count, counts[State.PARKED.value])
        return f"{line.removesuffix('.')}. {troubles}" if troubles else line
