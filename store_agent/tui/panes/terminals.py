"""The lanes that may sell: added, last seen, and shutting one out."""

from functools import partial
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from store_agent.tui.dialogs.add_terminal import AddTerminalDialog
from store_agent.tui.dialogs.revoke import RevokeDialog
from store_agent.tui.dialogs.token import TokenScreen
from store_agent.tui.panes.pane import Pane
from store_agent.tui.widgets.table import Table
from store_agent.tui.words import clock_time, moment

Json = dict[str, Any]


class TerminalsPane(Pane):
    """A list."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", "Add"),
        Binding("x", "revoke", "Shut out"),
    ]

    def compose(self) -> ComposeResult:
        """Lay out."""
        yield Static("…", id="terminals-note", classes="note", markup=False)
        columns = (("TERMINAL", 18), ("MAY SELL", 16), ("LAST SEEN", 22), ("ADDED", 0))
        yield Table(*columns, id="terminals-table")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Offer changes to the manager only."""
        return self.manager.may_change

    async def load(self) -> None:
        """Ask for the list."""
        if not self.manager.may_change:
            self.query_one("#terminals-note", Static).update(Content("Only the manager sees the terminals."))
            return
        now = self.manager.wall()
        found = await self.calls.terminals()
        rows = [
            (
                one["name"],
                (
                    one["name"],
                    "yes" if one["revoked_at"] is None else f"no, since {clock_time(one['revoked_at'], now)}",
                    moment(one.get("seen_at"), now),
                    clock_time(one["added_at"], now),
                ),
            )
            for one in found
        ]
        self.query_one(Table).fill(rows)
        selling = sum(one["revoked_at"] is None for one in found)
        note = f"{selling} of {len(found)} terminals may sell. One that is lost or stolen: shut it out."
        self.query_one("#terminals-note", Static).update(Content(note))

    def action_add(self) -> None:
        """Ask for a name."""
        self.manager.push_screen(AddTerminalDialog(), self._named)

    def action_revoke(self) -> None:
        """Ask whether to shut one out."""
        name = self.query_one(Table).chosen
        if name is not None:
            self.manager.push_screen(RevokeDialog(name), self._revoked)

    def _named(self, name: str | None) -> None:
        if name is not None:
            self.ask(partial(self._add, name), "deed")

    def _revoked(self, name: str | None) -> None:
        if name is not None:
            self.ask(partial(self._revoke, name), "deed")

    async def _add(self, name: str) -> None:
        token = await self.calls.add_terminal(name)
        self.manager.push_screen(TokenScreen(name, token))
        self.reload()

    async def _revoke(self, name: str) -> None:
        await self.calls.revoke_terminal(name)
        self.tell(f"{name} is shut out; it cannot sell any more.")
        self.reload()
