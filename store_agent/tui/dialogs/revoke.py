"""Asks whether a terminal is to be shut out."""

from textual.app import ComposeResult
from textual.widgets import Input, Label

from store_agent.tui.dialogs.question import Question
from store_agent.tui.words import plain


class RevokeDialog(Question[str]):
    """Gives the name, once it was typed."""

    BUTTON = "Shut it out"

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def title_words(self) -> str:
        """Give the title."""
        return f"Shut {plain(self._name)} out?"

    def fields(self) -> ComposeResult:
        """Lay out."""
        yield Label(
            "What happens: its token is worth nothing from now on, and it CANNOT SELL until it is added anew with "
            "another token. Sales that it sent before are safe and go out."
        )
        yield Label("Type the terminal's name to show that you mean it", classes="field")
        yield Input(id="confirmation", max_length=64, compact=True)

    def answer(self) -> str:
        """Read the field."""
        if self.typed("confirmation") != self._name:
            raise ValueError(f"Type {self._name} to show that you mean it.")
        return self._name
