"""Keeps the journal (SQLite's write-ahead log) short, and tells when somebody who reads keeps it from that.

The journal is folded into the database without making anyone wait (PASSIVE); commits do that too, every thousand
pages. Only its file stays as long as it ever was, so a long one is cut as well, which takes a moment of the writer's
time and is not waited for. Reads of the agent are over before anyone gets their answer, so a slow client pins nothing;
another program that keeps a read open does. The journal then grows until that program ends, and a person is told.
"""

from pathlib import Path

from store_agent.domain.events import Event, Tell
from store_agent.storage.connection import JOURNAL_BYTES_MAX
from store_agent.storage.database import FILE_NAME, Database
from store_agent.storage.usage import journal_bytes

CUT_BYTES = JOURNAL_BYTES_MAX
"""A longer journal is cut: four times what commits let it grow to by themselves."""

WARN_BYTES = 134_217_728
"""A journal so long that nobody who reads for a short time explains it: some 20,000 sales."""


class CheckpointChore:
    """Folds and cuts the journal of the database in `directory`."""

    def __init__(self, database: Database, directory: Path, tell: Tell) -> None:
        self._database = database
        self._directory = directory
        self._tell = tell
        self._pinned = False

    async def run_once(self) -> None:
        """Fold the journal, and cut it if it is long. Raises StorageFailure."""
        await self._database.read(lambda raw: raw.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall())
        if self._size() > CUT_BYTES:
            await self._database.fold()
        self._turn(pinned=self._size() > WARN_BYTES)

    def _size(self) -> int:
        return journal_bytes(self._directory)

    def _turn(self, *, pinned: bool) -> None:
        """Tell when it becomes too long, and when it is short again."""
        if pinned and not self._pinned:
            words = (
                f"The journal of the database has grown to {self._size() // 1_000_000:,} MB, because another program "
                "has been reading the database for long. Sales are taken and sent as always, but the disk fills up. "
                f"End that program (find it with: fuser {self._directory / FILE_NAME})."
            )
            self._tell(Event("journal.pinned", words, {"bytes": self._size()}))
        elif self._pinned and not pinned:
            self._tell(Event("journal.released", "The journal of the database is short again."))
        self._pinned = pinned
