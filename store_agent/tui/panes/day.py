"""The business day: what came in, where it is, what keeps the day open; and closing it."""

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from store_agent.tui.dialogs.close_day import CloseDayDialog
from store_agent.tui.panes.pane import Pane
from store_agent.tui.widgets.table import Table
from store_agent.tui.words import STATE_SIGNS, STATE_WORDS, count, moment, money, plain, sale_name

Json = dict[str, Any]

_BOOKS = {
    "carried": "carried over from before",
    "accepted": "taken",
    "delivered": "at the platform",
    "superseded": "replaced by a newer state of the same sale",
    "discarded": "discarded",
    "parked": "refused by the platform, to be looked at",
    "held": "held back",
    "frozen": "being sent",
    "waiting": "wait to be sent",
}
"""What came in, then where it is."""


class DayPane(Pane):
    """The books above, what keeps the day open below."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("c", "close_day", "Close the day")]

    def __init__(self) -> None:
        super().__init__()
        self._day: Json | None = None

    def compose(self) -> ComposeResult:
        """Lay out."""
        yield Static("…", id="day-head", classes="note", markup=False)
        yield Static("", id="day-books", classes="note", markup=False)
        yield Static("", id="day-open", classes="note", markup=False)
        yield Table(("STATE", 17), ("SALE", 18), ("AMOUNT", 12), ("TAKEN", 0), id="day-table")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Offer changes to the manager only."""
        return self.manager.may_change if action == "close_day" else True

    async def load(self) -> None:
        """Ask for the books."""
        self._day = day = await self.calls.day()
        now = self.manager.wall()
        self.query_one("#day-head", Static).update(Content(_head(day, now)))
        self.query_one("#day-books", Static).update(_books(day))
        self.query_one("#day-open", Static).update(Content(_open(day)))
        rows = [
            (
                str(row["sequence"]),
                (
                    f"{STATE_SIGNS[row['state']]} {STATE_WORDS[row['state']]}",
                    sale_name(row),
                    money(row["amount"]),
                    moment(row["accepted_at"], now),
                ),
            )
            for row in day["keeps_open"]
        ]
        self.query_one(Table).fill(rows)

    def action_close_day(self) -> None:
        """Ask about closing the day."""
        if self._day is not None:
            self.manager.push_screen(CloseDayDialog(self.calls), self._day_closed)

    def _day_closed(self, words: str | None) -> None:
        if words is not None:
            self.tell(words)
        self.manager.stir()
        self.reload()


def _head(day: Json, now: float) -> str:
    since = "the first sale" if day["since"] is None else moment(day["since"], now)
    last = day["closed"][:1]
    before = ""
    if last:
        reason = f", {plain(last[0]['reason'])}" if last[0]["reason"] else ""
        before = f"  Day {last[0]['number']} was closed by {plain(last[0]['closed_by'])}{reason}."
    return f"Day {day['number']}, open since {since}.{before}"


def _books(day: Json) -> Content:
    lines = [
        f"{day[name]['sales']:>9,} {money(day[name]['amount']):>15}  {words}\n"
        for name, words in _BOOKS.items()
        if day[name]["sales"] or name in ("accepted", "delivered", "waiting")
    ]
    balance = (
        "✓ The books balance." if day["balanced"] else "! THE BOOKS DO NOT BALANCE: tell who looks after the agent."
    )
    return Content.assemble((f"{'SALES':>9} {'AMOUNT':>15}\n", "bold"), *lines, (balance, "bold"))


def _open(day: Json) -> str:
    unfinished = day["unfinished"]["sales"]
    if not unfinished:
        return "Nothing keeps the day open: press c to close it."
    words = count(unfinished, "sale keeps", "sales keep")
    return (
        f"{words} the day open ({money(day['unfinished']['amount'])}): safe here, and it can be closed with a reason."
    )
