"""Lets old settled sales go, and gives their room back."""

import structlog

from store_agent.clock import Clock
from store_agent.storage.retention import Keep, Retention

_log = structlog.get_logger("upkeep")


class RetentionChore:
    """Deletes what is settled and older than `keep` allows. Age is time the agent ran, never the machine's clock (G14).

    Time between two runs counts as lived; what passes before the first run or after the last one does not, so that
    things are only ever kept for longer.
    """

    def __init__(self, retention: Retention, clock: Clock, keep: Keep) -> None:
        self._retention = retention
        self._clock = clock
        self._keep = keep
        self._counted = clock.monotonic()

    async def run_once(self) -> None:
        """Delete what may go, in small commits. Raises Busy or StorageFailure; the next run goes on from there."""
        lived = await self._live()
        gone = 0
        for limit in await self._retention.limits(lived, self._keep):
            gone += await self._retention.purge(limit, lived)
        await self._retention.purge_batches(lived, self._keep)
        await self._retention.purge_codes(lived)
        await self._retention.purge_audit(lived, self._keep)
        await self._retention.give_back()
        if gone:
            _log.debug("retention.purged", words=f"{gone:,} old settled sales were cleared out.", revisions=gone)

    async def _live(self) -> int:
        passed = int(self._clock.monotonic() - self._counted)
        lived = await self._retention.live(passed, self._keep)
        self._counted += passed
        return lived
