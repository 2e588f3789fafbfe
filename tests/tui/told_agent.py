"""The real agent on a machine that is told how things stand: `python -m tests.tui.told_agent FILE run -c ...`.

Only what no two machines have in common is changed: the clock, the room on the disk, chance, and the ids that are made
by chance.
"""

import asyncio
import itertools
import mmap
import random
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from store_agent.agent import chores, opening, schedule, ways, wiring
from store_agent.cli.main import main
from store_agent.cloud.sessionm import platform
from store_agent.domain.space import Levels, Outlook, look_ahead
from store_agent.storage.database import open_database
from store_agent.upkeep import space
from store_agent.upkeep.backup import BackupChore
from tests.tui.told import FORM, told_id

PLATFORM_BEHIND_SECONDS = 0.9
"""How far the platform's clock seems to be behind, half a second of which is the rounding of its dates."""

CHANCE = 0.999

BACKUP_SECONDS = 0.1
"""When the one backup is made: at once. Its age is that of its file, whose time nobody tells."""

NEVER_SECONDS = 86_400.0
"""When other chores that are done some time after a start are done: not while a scene is recorded."""


def live(file: Path) -> None:
    """Run the agent that the command line asks for on the machine that the file tells of."""
    with file.open("rb") as opened:
        told = mmap.mmap(opened.fileno(), FORM.size, access=mmap.ACCESS_READ)

    def read(place: int) -> float:
        return float(FORM.unpack(told[:])[place])

    setattr(time, "time", lambda: read(0))  # noqa: B010 - mypy lets nobody assign to a module's function
    space.free_bytes = lambda _: int(read(1))
    space.journal_bytes = lambda _: 0
    space.look_ahead = lambda *about: _outlook(*about[:3], read(2))
    random.random = lambda: CHANCE  # type: ignore[method-assign]
    platform.read_date = lambda _: time.time() - PLATFORM_BEHIND_SECONDS
    schedule.FIRST_SECONDS_MAX = NEVER_SECONDS
    chores.LOOK_SECONDS, chores.JITTER = BACKUP_SECONDS, 0.0
    setattr(chores, "BackupChore", _OneBackup)  # noqa: B010
    opening.open_database = _opening(lambda: bool(read(3)))
    wiring.mint, ways.mint = _ids("receipt"), _ids("request")
    main()


def _outlook(free: int, levels: Levels, size: int, rate: float) -> Outlook:
    return look_ahead(free, levels, size, rate)


class _OneBackup(BackupChore):
    """Makes a backup once, and is not due again."""

    async def run_once(self) -> None:
        if self._backups.listed():
            await asyncio.Event().wait()
        await super().run_once()


def _opening(may: Callable[[], bool]) -> Any:
    @asynccontextmanager
    async def patiently(*about: Any) -> AsyncIterator[Any]:
        while not may():  # noqa: ASYNC110 - a file tells it, which cannot call
            await asyncio.sleep(0.01)
        async with open_database(*about) as database:
            yield database

    return patiently


def _ids(kind: str) -> Callable[[], str]:
    """Make ids without chance; after a restart others come, since the clock has gone on."""
    numbers = itertools.count(1)
    return lambda: told_id(kind, time.time(), next(numbers))


if __name__ == "__main__":
    live(Path(sys.argv.pop(1)))
