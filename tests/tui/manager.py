"""A manager in front of the screen: presses keys, clicks, and reads what stands there."""

import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Input, Static

from store_agent.tui import access
from store_agent.tui.app import ManagerApp
from store_agent.tui.calls import Calls
from store_agent.tui.options import Options
from store_agent.tui.widgets.sale_list import SaleList
from tests.support.agent import AgentProcess
from tests.tui.sitting import leave

WITHIN_SECONDS = 20.0
"""Until the screen shows what is wanted: generous, since nothing waits for it in vain."""

_FRAME = re.compile(r"[\s│┃╭╮╰╯─━▁▔▊▎▌▐█]+")


class Manager:
    """Sits in front of the screen of an app."""

    def __init__(self, app: ManagerApp, pilot: Pilot[str]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def lines(self) -> list[str]:
        """Give what is on the screen, line by line."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip) for strip in strips]

    @property
    def seen(self) -> str:
        """Give the words on the screen as one line, without frames."""
        return _FRAME.sub(" ", "\n".join(self.lines))

    def text(self, selector: str) -> str:
        """Give the whole text of a part of the screen, also what is scrolled out of sight."""
        return str(self.app.screen.query_one(selector, Static).content)

    @property
    def sales(self) -> list[str]:
        """Give the lines of the list of sales, without its head."""
        listed = self.app.screen.query_one(SaleList)
        return [listed.render_line(y).text for y in range(1, listed.size.height)]

    @property
    def chosen(self) -> int | None:
        """Give the sequence under the cursor of the list of sales."""
        row = self.app.screen.query_one(SaleList).window.chosen
        return None if row is None else int(row["sequence"])

    @property
    def keys_offered(self) -> set[str]:
        """Give what the foot of the screen offers."""
        active = self.app.screen.active_bindings.values()
        return {one.binding.description for one in active if one.binding.show and one.enabled}

    async def press(self, *keys: str) -> None:
        """Press keys, and let the screen do what follows at once."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def write(self, text: str) -> None:
        """Type into the field that has the focus."""
        field = self.app.focused
        assert isinstance(field, Input), f"{field} has the focus"
        field.clear()
        await self.pilot.press(*text)
        await self.pilot.pause()
        assert field.value == text

    async def fill(self, selector: str, text: str) -> None:
        """Type into a field."""
        self.app.screen.query_one(selector, Input).focus()
        await self.pilot.pause()
        await self.write(text)

    async def paste(self, text: str) -> None:
        """Put a long text into the field that has the focus, as a scanner does."""
        field = self.app.focused
        assert isinstance(field, Input), f"{field} has the focus"
        field.value = text
        await self.pilot.pause()

    async def sees(self, *words: str) -> None:
        """Wait until all of these words are on the screen."""
        await self.until(lambda: all(one in self.seen for one in words), f"{words}")

    async def sees_no(self, *words: str) -> None:
        """Wait until none of these words is on the screen."""
        await self.until(lambda: not any(one in self.seen for one in words), f"no {words}")

    async def is_told(self, *words: str) -> None:
        """Wait for a notice with these words, which breaks its lines over others on the screen."""
        notices = self.app._notifications
        await self.until(lambda: all(any(one in notice.message for notice in notices) for one in words), f"{words}")

    async def until(self, reached: Callable[[], Any], wanted: str = "it") -> None:
        """Wait until something is so."""
        end = time.monotonic() + WITHIN_SECONDS
        while not reached():
            shown = "\n".join(self.lines)
            assert time.monotonic() < end, f"wanted {wanted}, have\n{shown}"
            await self.pilot.pause()

    async def sees_dialog(self, *words: str) -> None:
        """Wait for a question with these words."""
        await self.sees(*words)
        assert self.app.screen.is_modal

    async def goes_to(self, key: str, *words: str) -> None:
        """Go to a screen by its key, and wait for its words."""
        await self.press(key)
        await self.sees(*words)

    def part(self, kind: type[Widget], selector: str) -> Any:
        """Find a part of the screen."""
        return self.app.screen.query_one(selector, kind)


@asynccontextmanager
async def managing(
    store: AgentProcess | Path,
    *,
    size: tuple[int, int] = (132, 43),
    calls: Callable[[Calls], None] = lambda _: None,
    **options: Any,
) -> AsyncIterator[Manager]:
    """Sit in front of the screen for as long as the context lasts; `calls` sees how the agent is asked."""
    config = store if isinstance(store, Path) else store.config

    async def connect(typed: tuple[str, str] | None) -> Calls:
        made = access.open_calls(Options(config, **options), typed)
        calls(made)
        return made

    app = ManagerApp(connect)
    async with app.run_test(size=size, notifications=True) as pilot:
        manager = Manager(app, pilot)
        try:
            yield manager
        finally:
            await leave(pilot)
