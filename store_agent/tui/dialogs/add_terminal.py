"""Asks for the name of a new terminal."""

from textual.app import ComposeResult
from textual.widgets import Input, Label

from store_agent.tui.dialogs.question import Question


class AddTerminalDialog(Question[str]):
    """Gives the name."""

    TITLE_WORDS = "Let a terminal in?"
    BUTTON = "Add"

    def fields(self) -> ComposeResult:
        """Lay out."""
        yield Label(
            "What happens: it gets a token, which its POS plugin needs and which is shown once. With it the terminal "
            "may send sales and look guests up, and nothing else.",
        )
        yield Label("Name, such as lane-4: letters, digits, dots, dashes", classes="field")
        yield Input(id="name", max_length=64, compact=True)

    def answer(self) -> str:
        """Read the field."""
        if not self.typed("name"):
            raise ValueError("Give the terminal a name.")
        return self.typed("name")
