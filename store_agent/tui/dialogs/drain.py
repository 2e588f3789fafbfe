"""Asks whether to send now."""

from textual.app import ComposeResult
from textual.widgets import Label

from store_agent.tui.dialogs.question import Question
from store_agent.tui.words import plain


class DrainDialog(Question[bool]):
    """Gives True."""

    TITLE_WORDS = "Send now?"
    BUTTON = "Send now"

    def __init__(self, person: str) -> None:
        super().__init__()
        self._person = person

    def fields(self) -> ComposeResult:
        """Lay out."""
        yield Label(
            "What happens: the line to the platform is tried at once, whatever it was, and what waits goes out as soon "
            "as it answers. Sales that were refused because of a fault in the configuration go again as well. Nothing "
            "is sent twice.",
        )
        yield Label(f"Kept with your name, {plain(self._person)}.", markup=False)

    def answer(self) -> bool:
        """Mean it."""
        return True
