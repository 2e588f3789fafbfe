"""The manager's app: the frame, the screens, and what keeps them up to date."""

import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import ContentSwitcher

from store_agent.errors import AgentError, ConfigurationError
from store_agent.tui.dialogs.gone import GoneScreen
from store_agent.tui.dialogs.login import LoginScreen
from store_agent.tui.filters import Filters
from store_agent.tui.frame import Heading, Keys, Nav, NavItem
from store_agent.tui.messages import Found, Lost, NotLetIn, Seen
from store_agent.tui.panes.pane import Pane
from store_agent.tui.panes.table import PANES
from store_agent.tui.progress import Progress
from store_agent.tui.words import plain

if TYPE_CHECKING:
    from store_agent.tui.calls import Calls
    from store_agent.tui.feed import Feed
    from store_agent.tui.panes.queue import QueuePane

Json = dict[str, Any]
Connect = Callable[[tuple[str, str] | None], Awaitable["Calls"]]

EVENTS_MAX = 1_000
"""Events kept for the log: a busy day's worth of what is told once."""


class ManagerApp(App[str]):
    """Shows how the store stands. `connect` makes the way to the agent, for a typed name and token if there is one.

    Returns words when it cannot work at all. `wall` is the wall clock in seconds, for ages.
    """

    TITLE = "store-agent"
    CSS_PATH = "manager.tcss"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012 - Textual declares it so
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(one.key, f"go('{one.name}')", one.long, show=False) for one in PANES),
        Binding("question_mark", "go('help')", "Help", key_display="?"),
        Binding("ctrl+r", "again", "Load again", show=False),
        Binding("q", "quit", "Quit"),
    ]

    def __init__(self, connect: Connect, wall: Callable[[], float] = time.time) -> None:
        super().__init__()
        self.calls: Calls | None = None
        self.me: Json | None = None
        self.status: Json | None = None
        self.events: deque[Json] = deque(maxlen=EVENTS_MAX)
        self.progress = Progress()
        self.wall = wall
        self._connect_to = connect
        self._feed: Feed | None = None

    def compose(self) -> ComposeResult:
        """Lay out the frame."""
        yield Heading()
        yield Nav([NavItem(one.key, one.name, one.long, one.short) for one in PANES])
        yield ContentSwitcher(id="panes")
        yield Keys()

    async def on_mount(self) -> None:
        """Show the overview, and find the agent once that is drawn."""
        await self._show("overview")
        self.call_after_refresh(self.connect, None)

    @property
    def may_change(self) -> bool:
        """Tell whether this is the manager, and not somebody who only looks."""
        return self.me is not None and self.me["role"] == "manager"

    @property
    def pane(self) -> Pane | None:
        """Return the screen that is seen."""
        shown = self.query_one("#panes", ContentSwitcher).visible_content
        return shown if isinstance(shown, Pane) else None

    @work(exclusive=True, group="feed")
    async def connect(self, typed: tuple[str, str] | None) -> None:
        """Find the agent and follow it."""
        try:
            await self._leave()
            self.calls = await self._connect_to(typed)
        except ConfigurationError as problem:
            self.exit(result=str(problem))
            return
        from store_agent.tui.feed import Feed  # noqa: PLC0415 - it costs time that the first picture does not have

        self._feed = Feed(self.calls, self.post_message)
        await self._feed.run()

    async def on_unmount(self) -> None:
        """Close the connections."""
        await self._leave()

    async def action_go(self, name: str) -> None:
        """Go to a screen."""
        if not isinstance(self.screen, GoneScreen | LoginScreen):
            await self._show(name)

    def action_again(self) -> None:
        """Load the screen again."""
        self.stir()
        if self.pane is not None:
            self.pane.reload()

    async def on_nav_item_clicked(self, message: NavItem.Clicked) -> None:
        """Go to a screen."""
        await self._show(message.pane)

    async def look_for(self, filters: Filters) -> None:
        """Show some sales in the queue."""
        await self._show("queue")
        cast("QueuePane", self.pane).look_for(filters)

    def stir(self) -> None:
        """Have the status asked for soon."""
        if self._feed is not None:
            self._feed.stir()

    def tell_problem(self, problem: AgentError) -> None:
        """Say what went wrong; whether the agent is there at all is the feed's to say."""
        self.notify(plain(problem), severity="error", markup=False)
        self.stir()

    def on_found(self, message: Found) -> None:
        """Know who this is."""
        self.me = message.me
        self.refresh_bindings()
        if self.pane is not None:
            self.pane.reload()

    def on_seen(self, message: Seen) -> None:
        """Show the status everywhere it is seen."""
        self._back()
        self.status = message.status
        self.events.extend(message.events)
        outbox = message.status["outbox"]
        if outbox is not None:
            left = outbox["waiting"] + outbox["frozen"]
            self.progress.see(time.monotonic(), left, outbox["delivered"])
        self.query_one(Heading).show(message.status, self.me, self.wall())
        if self.pane is not None:
            self.pane.see(message.status)
            self.pane.happened()

    def on_lost(self, message: Lost) -> None:
        """Say that nobody answers, on the whole screen: what was shown may be wrong by now."""
        if isinstance(self.screen, GoneScreen):
            self.screen.say(message.words)
        else:
            self.push_screen(GoneScreen(message.words))

    def on_not_let_in(self, message: NotLetIn) -> None:
        """Ask for a name and a token."""
        self._back()
        self.push_screen(LoginScreen(message.words), self._typed)

    def _typed(self, typed: tuple[str, str] | None) -> None:
        if typed is None:
            self.exit()
        else:
            self.connect(typed)

    def _back(self) -> None:
        if isinstance(self.screen, GoneScreen):
            self.pop_screen()

    async def _show(self, name: str) -> None:
        switcher = self.query_one("#panes", ContentSwitcher)
        if not switcher.query(f"#{name}"):
            pane = next(one for one in PANES if one.name == name).make()
            await switcher.add_content(pane)
        switcher.current = name
        self.query_one(Nav).mark(name)
        pane = switcher.query_one(f"#{name}", Pane)
        if self.status is not None:
            pane.see(self.status)
        pane.shown()

    async def _leave(self) -> None:
        if self.calls is not None:
            calls, self.calls = self.calls, None
            await calls.close()
