"""Makes a backup when the last one is old enough."""

import asyncio
import threading

from store_agent.clock import Clock
from store_agent.domain.events import Event, Tell
from store_agent.errors import AgentError
from store_agent.storage.backup import Backup, Backups
from store_agent.storage.duplicate import Stopped


class BackupChore:
    """Looks whether a backup is due, so that it can run more often than backups are made.

    What counts is the time of the last one's file, since a machine that is switched off every night never runs for a
    whole day. A file from the future, or from before a jump of the clock, only means one backup more (G14).

    `made_at` is the wall time of the newest backup as of the last look, in seconds; None where there is none.
    """

    def __init__(self, backups: Backups, clock: Clock, every_seconds: float, tell: Tell) -> None:
        self._backups = backups
        self._clock = clock
        self._every_seconds = every_seconds
        self._tell = tell
        self._failing = False
        self.made_at: float | None = None

    async def run_once(self) -> None:
        """Make a backup if one is due. Raises AgentError; sales are not affected then."""
        stop = threading.Event()
        try:
            made = await asyncio.to_thread(self._make_if_due, stop)
        except asyncio.CancelledError:
            stop.set()
            raise
        except Stopped:
            return
        except AgentError as error:
            self._fail(error)
            raise
        if made is not None:
            self._failing = False
            details = {"path": str(made.path), "bytes": made.size, "newest": made.holds.newest}
            self._tell(Event("backup.made", f"A backup was made and checked: {made.path.name}.", details))

    def _make_if_due(self, stop: threading.Event) -> Backup | None:
        self.made_at = self._newest()
        if not self._due():
            return None
        made = self._backups.make(self._clock.wall(), stop)
        self.made_at = self._newest()
        return made

    def _newest(self) -> float | None:
        there = self._backups.listed()
        return there[-1].stat().st_mtime if there else None

    def _due(self) -> bool:
        return self.made_at is None or not 0 <= self._clock.wall() - self.made_at < self._every_seconds

    def _fail(self, error: AgentError) -> None:
        """Tell once; it is tried again with every run."""
        if not self._failing:
            self._tell(Event("backup.failed", f"No backup could be made; it is tried again. {error}"))
        self._failing = True
