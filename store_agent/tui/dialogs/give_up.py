"""Asks whether something is not to be printed any more."""

from textual.app import ComposeResult
from textual.widgets import Label

from store_agent.tui.dialogs.question import Question
from store_agent.tui.words import plain


class GiveUpDialog(Question[bool]):
    """A question about a print job; `about` says what it is."""

    BUTTON = "Give it up"

    def __init__(self, about: str, printer: str) -> None:
        super().__init__()
        self._about = about
        self._printer = printer

    def title_words(self) -> str:
        """Give the title."""
        return f"Give up {plain(self._about)}?"

    def fields(self) -> ComposeResult:
        """Lay out."""
        yield Label(
            f"What happens: it does not come out of {plain(self._printer)} any more. Its sale stays as it is, and its "
            "receipt can be printed again by its code.",
            markup=False,
        )

    def answer(self) -> bool:
        """Give the answer."""
        return True
