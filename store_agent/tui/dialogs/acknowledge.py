"""Asks somebody to take notice of damage that was found and mended."""

from typing import Any

from textual.app import ComposeResult
from textual.widgets import Input, Label

from store_agent.tui.dialogs.deed import REASON_MAX
from store_agent.tui.dialogs.question import Question
from store_agent.tui.words import plain


class AcknowledgeDialog(Question[str]):
    """Gives what came of it."""

    TITLE_WORDS = "Confirm damage?"
    BUTTON = "Confirm"

    def __init__(self, incident: dict[str, Any], person: str) -> None:
        super().__init__()
        self._incident = incident
        self._person = person

    def fields(self) -> ComposeResult:
        """Lay out."""
        yield Label(plain(self._incident["words"]), markup=False)
        yield Label("What happens: it is shown no more. It stays in the database with your name.", markup=False)
        yield Label(
            f"What came of it (needed); kept with your name, {plain(self._person)}", classes="field", markup=False
        )
        yield Input(id="reason", max_length=REASON_MAX, compact=True)

    def answer(self) -> str:
        """Read the field."""
        if not self.typed("reason"):
            raise ValueError("Say what came of it: for example that the missing sales were compared with the tills.")
        return self.typed("reason")
