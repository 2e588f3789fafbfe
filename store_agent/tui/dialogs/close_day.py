"""Closes the business day: waits for what is still being sent, with a bar, or closes with a reason."""

from functools import partial
from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import ComposeResult
from textual.widgets import Button, Input, Label, ProgressBar

from store_agent.tui.dialogs.deed import REASON_MAX
from store_agent.tui.dialogs.question import Question
from store_agent.tui.words import count, money, plain

if TYPE_CHECKING:
    from store_agent.tui.calls import Calls

LOOK_SECONDS = 0.5
"""How often it is looked how much is left to be sent."""


class CloseDayDialog(Question[str]):
    """Closes the day itself, so that a refusal is read beside the fields; gives what to say then."""

    TITLE_WORDS = "Close the day?"
    BUTTON = "Close the day"

    def __init__(self, calls: "Calls") -> None:
        super().__init__()
        self._calls = calls
        self._most = 0

    def fields(self) -> ComposeResult:
        """Lay out."""
        yield Label("Looking at what is unfinished…", id="unfinished", markup=False)
        yield ProgressBar(total=1.0, show_eta=False, id="day-progress")
        yield Label(
            f"Why it is closed with unfinished sales (needed then); kept with your name, {plain(self._calls.person)}",
            classes="field",
            markup=False,
        )
        yield Input(id="reason", max_length=REASON_MAX, compact=True)

    def begin(self) -> None:
        """Look, and go on looking."""
        self._look_again()
        self.set_interval(LOOK_SECONDS, self._look_again)

    def _look_again(self) -> None:
        self.ask(self._look, "look", exclusive=True)

    async def _look(self) -> None:
        day = await self._calls.day()
        sending = day["waiting"]["sales"] + day["frozen"]["sales"]
        self._most = max(self._most, sending)
        bar = self.query_one("#day-progress", ProgressBar)
        bar.display = bool(self._most)
        bar.update(progress=1.0 - sending / self._most if self._most else 1.0)
        self.query_one("#unfinished", Label).update(_unfinished(day))

    @on(Button.Pressed, "#do")
    def do(self) -> None:
        """Have it closed, or read why not."""
        self.ask(partial(self._close_day, self.typed("reason")), "close", exclusive=True)

    async def _close_day(self, reason: str) -> None:
        closed = await self._calls.close_day(reason)
        left = closed["unfinished"]["sales"]
        carried = (
            f" {count(left, 'unfinished sale is', 'unfinished sales are')} carried into the next day." if left else ""
        )
        self.dismiss(f"Day {closed['closed']} is closed.{carried}")


def _unfinished(day: dict[str, Any]) -> str:
    left = day["unfinished"]["sales"]
    if not left:
        return "All sales of the day are at the platform: it can be closed. New sales then belong to the next day."
    sending = day["waiting"]["sales"] + day["frozen"]["sales"]
    parts = [
        f"{count(sending, 'is', 'are')} being sent: wait here until they are" if sending else "",
        f"{count(day['held']['sales'], 'is', 'are')} held back: release first" if day["held"]["sales"] else "",
        f"{count(day['parked']['sales'], 'was', 'were')} refused: look at them first (3)"
        if day["parked"]["sales"]
        else "",
    ]
    return (
        f"{count(left, 'sale is', 'sales are')} unfinished ({money(day['unfinished']['amount'])}): "
        f"{'; '.join(part for part in parts if part)}. Or close with a reason: they are then carried into the next "
        "day, and go on being sent."
    )
