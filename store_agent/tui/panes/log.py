"""What happened, as it happens, and what people did; damage that somebody has to confirm."""

from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, TabbedContent, TabPane

from store_agent.tui.dialogs.acknowledge import AcknowledgeDialog
from store_agent.tui.panes.tabbed import TabbedPane
from store_agent.tui.widgets.table import Table
from store_agent.tui.widgets.words import Words
from store_agent.tui.words import plain, stamp

Json = dict[str, Any]

SHOWN_MAX = 200
"""Events shown at a time, the newest that match: a screen that draws more of them is slow and tells no more."""

DEED_WORDS = {
    "retry": "sent it again",
    "hold": "held it back",
    "release": "released it",
    "discard": "discarded it",
    "export": "exported it",
    "drain": "had all sent now",
    "reprint": "printed it again",
    "day_close": "closed the day",
    "restore": "restored a backup",
    "terminal_add": "let a terminal in",
    "terminal_revoke": "shut a terminal out",
    "terminal_rotate": "gave a new token",
    "acknowledge": "took note of damage",
    "configuration": "configured the agent",
    "salvage": "mended the database",
    "key_rotate": "changed the disk's key",
}
"""What people did, by the names of the audit."""


class LogPane(TabbedPane):
    """Events, and the audit."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Filter", key_display="/"),
        Binding("t", "next_tab", "Events, people"),
        Binding("k", "acknowledge", "Confirm damage"),
        Binding("escape", "leave", "To the list", show=False),
    ]

    def compose(self) -> ComposeResult:
        """Lay out."""
        with TabbedContent():
            with TabPane("What happened", id="log-events"):
                yield Input(placeholder="Only with these letters", max_length=100, id="log-filter", compact=True)
                yield Table(("TIME", 19), ("EVENT", 18), ("WORDS", 0), id="log-table")
                yield Words(id="log-words", classes="note")
            with TabPane("What people did", id="log-people"):
                yield Table(("TIME", 19), ("WHO", 10), ("WHAT", 20), ("SALE", 7), ("WHY", 0), id="log-audit")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Offer confirming where there is damage, to the manager."""
        if action != "acknowledge":
            return True
        return self.manager.may_change and self._incident is not None

    async def load(self) -> None:
        """Show what was heard, and ask what people did."""
        self._show_events()
        if self.manager.may_change:
            rows = [(str(one["number"]), _deed(one)) for one in await self.calls.audit()]
            self.query_one("#log-audit", Table).fill(rows)
        self.refresh_bindings()

    def action_search(self) -> None:
        """Go to the filter."""
        self.query_one(Input).focus()

    def action_acknowledge(self) -> None:
        """Ask for what came of the oldest damage."""
        incident = self._incident
        if incident is not None:

            def done(reason: str | None) -> None:
                if reason is not None:
                    self.ask(partial(self._acknowledge, incident["number"], reason), "deed")

            self.manager.push_screen(AcknowledgeDialog(incident, self.calls.person), done)

    @on(Input.Changed)
    def filtered(self) -> None:
        """Show what matches."""
        self._show_events()

    @on(Table.RowHighlighted, "#log-table")
    def chosen(self) -> None:
        """Show the whole words of the chosen event."""
        chosen = self.query_one("#log-table", Table).chosen
        words = next((event["words"] for event in self.manager.events if str(event["number"]) == chosen), "")
        self.query_one("#log-words", Words).update(Content(plain(words)))

    @property
    def _incident(self) -> Json | None:
        status = self.manager.status
        incidents = [] if status is None else status.get("incidents", [])
        return incidents[0] if incidents else None

    def _show_events(self) -> None:
        wanted = self.query_one(Input).value.strip().lower()
        found = [
            (str(event["number"]), (stamp(event["at"]), event["name"], event["words"]))
            for event in self.manager.events
            if wanted in f"{event['name']} {event['words']}".lower()
        ]
        self.query_one("#log-table", Table).fill(found[-SHOWN_MAX:][::-1])

    async def _acknowledge(self, number: int, reason: str) -> None:
        await self.calls.acknowledge(number, reason)
        self.tell("Confirmed; it is shown no more and stays in the database.")
        self.manager.stir()


def _deed(entry: Json) -> tuple[Any, ...]:
    what = DEED_WORDS.get(entry["action"], entry["action"])
    return stamp(entry["at"]), entry["who"], what, entry["sequence"] or "", entry["reason"]
