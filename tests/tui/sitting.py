"""Somebody sits in front of the screens: the app at a size, at a fixed time, until it has come to rest."""

import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from unittest import mock

from textual.pilot import Pilot
from textual.widgets import Input

from store_agent.local.address import Address
from store_agent.local.agent import LocalAgent
from store_agent.local.credentials import ControlToken, Credentials
from store_agent.tui.app import ManagerApp
from store_agent.tui.calls import Calls
from store_agent.tui.panes.table import PANES
from tests.tui.picture import take
from tests.tui.stories import NOW

WITHIN_SECONDS = 30.0
CALM = 3
"""So many looks in a row find nothing being done before a screen is at rest."""

PERSON = "ada"

SCREENS = {pane.key: pane.name for pane in PANES}


@contextmanager
def elsewhere(**variables: str) -> Iterator[None]:
    """Have times shown as in Greenwich, and files in the home of Ada; the test's own surroundings come back."""
    try:
        with mock.patch.dict(os.environ, {"TZ": "UTC", "HOME": "/home/ada", **variables}):
            time.tzset()
            yield
    finally:
        time.tzset()


@asynccontextmanager
async def sitting(
    address: Address,
    size: tuple[int, int],
    credentials: Credentials | ControlToken | None = None,
    way: Callable[..., LocalAgent] = LocalAgent,
) -> AsyncIterator[Pilot[Any]]:
    """Open the screens. `way` makes the way to the agent."""

    async def connect(_: tuple[str, str] | None) -> Calls:
        return Calls(way(address, credentials), way(address, credentials), PERSON)

    app = ManagerApp(connect, wall=lambda: NOW)
    app.animation_level = "none"
    async with app.run_test(size=size) as pilot:
        yield pilot
        await leave(pilot)


async def leave(pilot: Pilot[Any]) -> None:
    """Leave as a person does: the frame stands until all that was told is shown."""
    if pilot.app.is_running:
        pilot.app.exit()
    while pilot.app.is_running:
        await pilot.pause()


async def press(pilot: Pilot[Any], keys: tuple[str, ...]) -> None:
    """Press keys one after the other, each once the screen is at rest; `type:` leads what is typed."""
    for key in keys:
        if key.startswith("type:"):
            field = pilot.app.focused
            assert isinstance(field, Input), f"{field} has the focus"
            field.value = key.removeprefix("type:")
        elif key in SCREENS:
            await go(pilot, key)
        else:
            await pilot.press(key)
        await at_rest(pilot)


async def go(pilot: Pilot[Any], key: str) -> None:
    """Go to a screen; where the machine is so busy that the agent seems to be gone for a moment, once it is back."""
    end = time.monotonic() + WITHIN_SECONDS
    while pilot.app.pane is None or pilot.app.pane.id != SCREENS[key]:  # type: ignore[attr-defined]
        assert time.monotonic() < end, f"{key} does not lead to {SCREENS[key]}"
        await pilot.press(key)
        await at_rest(pilot)


async def at_rest(pilot: Pilot[Any]) -> None:
    """Wait until nothing is asked or drawn any more."""
    calm = 0
    while calm < CALM:
        await pilot.pause()
        busy = any(worker.is_running and worker.group != "feed" for worker in pilot.app.workers)
        calm = 0 if busy else calm + 1
    for field in pilot.app.screen.query(Input):
        field.cursor_blink = False


async def until(pilot: Pilot[Any], *words: str) -> None:
    """Wait until these words are on the screen."""
    end = time.monotonic() + WITHIN_SECONDS
    while not all(one in (seen := "\n".join(lines(pilot))) for one in words):
        assert time.monotonic() < end, f"wanted {words}, have\n{seen}"
        await pilot.pause()
    await at_rest(pilot)


def lines(pilot: Pilot[Any]) -> list[str]:
    """Give the letters on the screen."""
    return take(pilot).lines
