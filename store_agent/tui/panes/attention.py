"""What needs a person: refused sales grouped by cause, with what to do about each."""

from functools import partial
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from store_agent.tui.deeds import DISCARD, RETRY, Deed, Target
from store_agent.tui.dialogs.deed import Asked, DeedDialog
from store_agent.tui.filters import Filters
from store_agent.tui.panes.pane import Pane
from store_agent.tui.widgets.table import Table
from store_agent.tui.words import count, moment, money, plain

Json = dict[str, Any]


class AttentionPane(Pane):
    """Causes above, what to do about the chosen one below."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "retry", "Retry all of these"),
        Binding("d", "discard", "Discard"),
        Binding("enter,v", "look", "View them", key_display="v"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._groups: list[Json] = []

    def compose(self) -> ComposeResult:
        """Lay out."""
        yield Static("…", id="attention-note", classes="note", markup=False)
        yield Table(("SALES", 6), ("AMOUNT", 11), ("SINCE", 16), ("CAUSE", 0), id="attention-table")
        with VerticalScroll(id="attention-advice", can_focus=False):
            yield Static("", id="attention-words", markup=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Offer changes to the manager only."""
        if action in ("retry", "discard"):
            return self.manager.may_change and bool(self._groups)
        return bool(self._groups) if action == "look" else True

    async def load(self) -> None:
        """Ask for the groups."""
        found = await self.calls.attention()
        self._groups = found["groups"]
        now = self.manager.wall()
        rows = [
            (
                group["cause"],
                (f"{_number(group):,}", money(group["amount"]), moment(group["oldest_at"], now), group["cause"]),
            )
            for group in self._groups
        ]
        self.query_one(Table).fill(rows)
        note = "✓ Nothing needs you: the platform refused no sale." if not rows else _note(found)
        self.query_one("#attention-note", Static).update(Content(note))
        self._advise()
        self.refresh_bindings()

    def on_data_table_row_highlighted(self) -> None:
        """Say what to do about the chosen cause."""
        self._advise()

    def on_data_table_row_selected(self) -> None:
        """Show the sales of the chosen cause."""
        self.ask(self.action_look, "look")

    async def action_look(self) -> None:
        """Show the sales of the chosen cause in the queue."""
        if (group := self._group) is not None:
            await self.manager.look_for(Filters(state="parked", cause=group["cause"]))

    def action_retry(self) -> None:
        """Ask about sending them again."""
        self._ask_about(RETRY)

    def action_discard(self) -> None:
        """Ask about discarding them."""
        self._ask_about(DISCARD)

    @property
    def _group(self) -> Json | None:
        chosen = self.query_one(Table).chosen
        return next((group for group in self._groups if group["cause"] == chosen), None)

    def _advise(self) -> None:
        group = self._group
        words = Content("") if group is None else _advice(group, self.manager.wall())
        self.query_one("#attention-words", Static).update(words)

    def _ask_about(self, deed: Deed) -> None:
        group = self._group
        if group is None:
            return

        def done(asked: Asked | None) -> None:
            if asked is not None:
                self.perform(partial(self.calls.do, deed, asked.target, asked.reason))

        target = Target(matching={"cause": group["cause"]}, name=f"{_number(group):,} refused for this cause")
        self.manager.push_screen(DeedDialog(deed, [target], self.calls.person), done)


def _number(group: Json) -> int:
    return int(group["sales"] + group["calls"])


def _note(found: Json) -> str:
    number = sum(_number(group) for group in found["groups"])
    more = "" if found["complete"] else " There are more than are looked at here; mend these first."
    return (
        f"! {count(number, 'sale was', 'sales were')} refused by the platform, for "
        f"{count(len(found['groups']), 'cause', 'causes')}. They are safe here and wait for you.{more}"
    )


def _advice(group: Json, now: float) -> Content:
    overtaken = group["overtaken"]
    later = (
        f"\n{count(overtaken, 'of them has', 'of them have')} a newer state that went out or will: retry or discard, "
        "nothing is lost.\n"
        if overtaken
        else ""
    )
    fields = f"\nFields that the platform names: {plain(', '.join(group['fields']))}\n" if group["fields"] else ""
    return Content.assemble(
        ("What happened\n", "bold"),
        f"{plain(group['cause'])} The newest: {moment(group['newest_at'], now)}.\n",
        ("\nWhat to do\n", "bold"),
        f"{plain(group['what_to_do'])}\n",
        later,
        fields,
    )
