"""What status tells beside line and queue: the chores, and the clock."""

from typing import Any

from store_agent.agent.reload import Reload
from store_agent.agent.schedule import Schedule
from store_agent.domain.skew import CURE, MEANING
from store_agent.storage.remembered import Nothing, Remembered
from store_agent.upkeep.backup import BackupChore

_CHORES = {
    "backup": "The last backup did not work:",
    "integrity": "The database was not checked:",
    "checkpoint": "The journal of the database was not folded:",
    "offers": "Offers that were left locked were not looked for:",
    "uploads": "The catalog and the employees were not handed over for upload:",
    "employees": "The employees were not handed over for upload:",
    "drop": "Files for the catalog and the employees wait in their folder:",
    "textfile": "The metrics were not written into their file:",
    "retention": "Old sales were not cleared out:",
    "prints": "What waits for printers was not looked through:",
    "print": "What waits for a printer could not be printed:",
}
"""By the part of their names before the dot. Others show in readiness and in the room on the disk."""


class Overview:
    """Looks at the parts that have no screen of their own."""

    def __init__(self, reload: Reload, schedule: Schedule, memory: Remembered | Nothing, backup: BackupChore) -> None:
        self._reload = reload
        self._schedule = schedule
        self._memory = memory
        self._backup = backup

    @property
    def words(self) -> list[str]:
        """Say what a manager should know; nothing when all is well."""
        skew = self._reload.ways.platform.skew
        found = [f"{skew.words} {MEANING} {CURE}"] if skew is not None and skew.noticeable else []
        if self._memory.problem:
            found.append(f"Guests are not remembered. {self._memory.problem} Sales are not affected.")
        for name, done in self._schedule.done.items():
            kind = name.partition(".")[0]
            if done.problem and kind in _CHORES:
                found.append(f"{_CHORES[kind]} {done.problem} Sales are not affected so far.")
        return found

    def as_json(self) -> dict[str, Any]:
        """Give the chores by name, the newest backup, and how far the clock is ahead of the platform's in seconds.

        `made_at` is seconds since 1970, null where there is no backup; `ahead_seconds` is null while it is not known.
        """
        skew = self._reload.ways.platform.skew
        chores = {
            name: {"succeeded_at": done.succeeded_at, "every_seconds": done.every_seconds, "problem": done.problem}
            for name, done in self._schedule.done.items()
        }
        return {
            "chores": chores,
            "backup": {"made_at": self._backup.made_at},
            "clock": {"ahead_seconds": None if skew is None else round(skew.seconds, 1)},
        }
