"""Opens the database, whatever state disk and file are in: waits for room, has a damaged file salvaged."""

import asyncio
from contextlib import AsyncExitStack

import structlog

from store_agent.agent import systemd
from store_agent.agent.keys import storage_keys
from store_agent.api.entrance import Entrance
from store_agent.clock import Clock
from store_agent.config.settings import Settings
from store_agent.errors import DiskFull
from store_agent.storage import control
from store_agent.storage.database import Database, Mending, open_database
from store_agent.storage.reserve import Reserve

RETRY_SECONDS = 2.0
"""Pause before a database that found no room is opened again."""

_FULL = (
    "{} Sales are refused until there is room: delete what is not needed on this machine; then it goes on by itself."
)
_MENDING = (
    "The database was damaged and is being mended; sales are refused until that is done, which takes a minute for a "
    "hundred thousand sales. {}"
)

_log = structlog.get_logger("agent")


async def open_patiently(
    stack: AsyncExitStack, settings: Settings, clock: Clock, entrance: Entrance
) -> tuple[Database, str]:
    """Open the database onto the stack and write the manager's token; gives both.

    Waits for as long as the disk has no room, and says so at the entrance. Raises as `open_database` otherwise.
    """
    directory = settings.storage.directory

    def tell_all(words: str, *, full: bool) -> None:
        entrance.wait(words, full=full)
        systemd.say(words)

    mending = Mending(
        settings.storage.check_timeout_seconds, lambda damage: tell_all(_MENDING.format(damage), full=False)
    )
    waiting = False
    while True:
        attempt = AsyncExitStack()
        try:
            keys = storage_keys(settings, make=True)
            database = await attempt.enter_async_context(open_database(directory, clock, mending, keys))
            token = control.write_token(directory)
        except DiskFull as failure:
            await attempt.aclose()
            Reserve(directory, settings.storage.reserve_bytes).give()
            if not waiting:
                _log.error("agent.waits_for_room", words=_FULL.format(failure), reason=str(failure))
            tell_all(_FULL.format(failure), full=True)
            await asyncio.sleep(RETRY_SECONDS if waiting else 0.0)
            waiting = True
        except BaseException:
            await attempt.aclose()
            raise
        else:
            stack.push_async_exit(attempt)
            return database, token
