"""What stands above every screen: how the store stands in one line, and the way to the screens."""

from collections.abc import Sequence
from typing import Any

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Footer, Static

from store_agent.tui.verdict import Level, judge, open_sales
from store_agent.tui.widgets.words import Words
from store_agent.tui.words import clock_time, plain

Json = dict[str, Any]


class Heading(Horizontal):
    """The verdict in a line, who this is, and the time."""

    def compose(self) -> ComposeResult:
        """Lay out."""
        yield Words("Looking for the agent…", id="heading-line")
        yield Words("", id="heading-right")

    def show(self, status: Json, me: Json | None, now: float) -> None:
        """Show a status."""
        verdict = judge(status, now)
        waits = "" if status["outbox"] is None else _waits(status["outbox"])
        self.query_one("#heading-line", Words).update(Content(f"{verdict.level.sign} {verdict.line}{waits}"))
        store = f"store {plain(me['store_id'])}  " if me is not None else ""
        looking = "looking only  " if me is not None and me["role"] != "manager" else ""
        self.query_one("#heading-right", Words).update(Content(f" {looking}{store}{clock_time(now, now)}"))
        for level in Level:
            self.set_class(level is verdict.level, f"-{level.name.lower()}")


def _waits(outbox: Json) -> str:
    refused = f"  ·  {outbox['parked']:,} refused" if outbox["parked"] else ""
    return f"  ·  {open_sales(outbox):,} waiting{refused}"


class NavItem(Static):
    """The way to one screen."""

    class Clicked(Message):
        """Somebody clicked it."""

        def __init__(self, pane: str) -> None:
            super().__init__()
            self.pane = pane

    def __init__(self, key: str, pane: str, long: str, short: str) -> None:
        super().__init__(f"{key} {long}", markup=False)
        self.pane = pane
        self._key, self._long, self._short = key, long, short

    def fit(self, *, wide: bool) -> None:
        """Use the name for which there is room."""
        self.update(f"{self._key} {self._long if wide else self._short}")

    def on_click(self) -> None:
        """Go there."""
        self.post_message(self.Clicked(self.pane))


class Nav(Horizontal):
    """All ways."""

    LONG_WIDTH = 104
    """Columns from which the long names fit."""

    def __init__(self, items: Sequence[NavItem]) -> None:
        super().__init__(*items)

    def mark(self, pane: str) -> None:
        """Mark where we are."""
        for item in self.query(NavItem):
            item.set_class(item.pane == pane, "-current")

    def on_resize(self, event: events.Resize) -> None:
        """Use the names for which there is room."""
        for item in self.query(NavItem):
            item.fit(wide=event.size.width >= self.LONG_WIDTH)


class Keys(Footer):
    """The keys that count now. They are laid out anew only when they are others: every move in a list asks for that."""

    def __init__(self) -> None:
        super().__init__(show_command_palette=False, compact=True)
        self._laid_out: list[tuple[Binding, bool]] = []

    def bindings_changed(self, screen: Screen[Any]) -> None:
        """Take note that other keys may count."""
        keys = [(active.binding, active.enabled) for active in screen.active_bindings.values() if active.binding.show]
        if keys != self._laid_out and screen.app.app_focus:
            self._laid_out = keys
            super().bindings_changed(screen)
