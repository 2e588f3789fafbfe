"""What is done when the disk or the database fails while the agent runs (G12, G13)."""

import asyncio
import contextlib
from pathlib import Path

import structlog

from store_agent.errors import Damaged, DiskFull, StorageFailure
from store_agent.storage.mending import suspect
from store_agent.upkeep.space import SpaceWatch

_log = structlog.get_logger("storage")


class Troubles:
    """Hears of every failure. `damaged` is set once the database is known to be damaged: the agent starts over then."""

    def __init__(self, directory: Path, space: SpaceWatch) -> None:
        self._directory = directory
        self._space = space
        self.damaged = asyncio.Event()
        self.damage = ""

    def hear(self, failure: StorageFailure) -> None:
        """Act on a failure."""
        if isinstance(failure, Damaged):
            if not self.damaged.is_set():
                words = f"The database is damaged; the agent starts over and mends it, which takes a moment. {failure}"
                _log.error("storage.damaged", words=words, reason=str(failure))
                self.damage = str(failure)
                suspect(self._directory, self.damage)
            self.damaged.set()
            return
        with contextlib.suppress(OSError):
            if isinstance(failure, DiskFull):
                self._space.filled()
            else:
                self._space.look()  # a disk without room fails in many ways
