"""The demo with the manager's screen: a store that sells while its line comes and goes, to look at and to play with."""

import asyncio
import contextlib
import sys
from typing import Any

from store_agent.cli.demo_store import Store, open_store

SALE_PAUSE_SECONDS = 0.8
"""Between two sales of a lane: a busy store, slow enough to be watched."""

UP_SECONDS = 12.0
DOWN_SECONDS = 25.0

STRANGER = {"kind": "refuse", "ids": ["lane-2-000003", "lane-3-000004"], "field": "pos_employee_id"}
"""The platform refuses two of the first sales, so that there is something to mend."""


async def visit() -> int:
    """Open the store and the manager's screen on it until the screen is left; gives its exit code."""
    async with open_store() as store, asyncio.TaskGroup() as group:
        await store.set_faults([STRANGER])
        await store.open_lanes(group, SALE_PAUSE_SECONDS)
        weather = group.create_task(_weather(store))
        screen = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "store_agent", "tui", "-c", str(store.config)
        )
        try:
            return await screen.wait()
        finally:
            weather.cancel()
            store.close_lanes()
            if screen.returncode is None:  # a till was not served
                screen.terminate()
                await screen.wait()


async def _weather(store: Store) -> None:
    """Let the line come and go for ever."""
    faults: list[dict[str, Any]] = [STRANGER]
    with contextlib.suppress(asyncio.CancelledError):
        while True:
            await asyncio.sleep(UP_SECONDS)
            await store.set_faults([{"kind": "down"}])
            await asyncio.sleep(DOWN_SECONDS)
            await store.set_faults(faults)
