"""Asks for the number of a sale in the queue."""

from textual.app import ComposeResult
from textual.widgets import Input, Label

from store_agent.tui.dialogs.question import Question


class GoToDialog(Question[int]):
    """Gives the sequence."""

    TITLE_WORDS = "Go to which sale?"
    BUTTON = "Go"

    def fields(self) -> ComposeResult:
        """Lay out."""
        yield Label("Its number in the order in which sales were taken", classes="field")
        yield Input(id="sequence", max_length=12, compact=True)

    def answer(self) -> int:
        """Read the field."""
        typed = self.typed("sequence").replace(",", "")
        if not typed.isascii() or not typed.isdigit() or not int(typed):
            raise ValueError("Give a whole number from 1 on.")
        return int(typed)
