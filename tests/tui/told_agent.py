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

    _put(time, time=lambda: read(0))
    _put(
        space,
        free_bytes=lambda _: int(read(1)),
        journal_bytes=lambda _: 0,
        look_ahead=lambda free, levels, size, _: _outlook(free, levels, size, read(2)),
    )
    _put(random, random=lambda: CHANCE)
    _put(platform, read_date=lambda _: time.time() - PLATFORM_BEHIND_SECONDS)
    _put(schedule, FIRST_SECONDS_MAX=NEVER_SECONDS)
    _put(chores, LOOK_SECONDS=BACKUP_SECONDS, JITTER=0.0, BackupChore=_OneBackup)
    _put(opening, open_database=_opening(lambda: bool(read(3))))
    _put(wiring, mint=_ids("receipt"))
    _put(ways, mint=_ids("request"))
    main()


def _put(module: Any, **told: Any) -> None:
    """Put something else in the place of what a module has, which mypy would not let anybody assign."""
    for name, value in told.items():
        setattr(module, name, value)


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
