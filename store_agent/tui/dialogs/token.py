"""Shows the token of a new terminal, once."""

from textual.app import ComposeResult
from textual.widgets import Label

from store_agent.tui.dialogs.question import Question
from store_agent.tui.words import plain


class TokenScreen(Question[bool]):
    """Gives True when it was read."""

    BUTTON = "I have written it down"
    CANCEL = ""

    def __init__(self, name: str, token: str) -> None:
        super().__init__()
        self._name = name
        self._token = token

    def title_words(self) -> str:
        """Give the title."""
        return f"{plain(self._name)} may come in"

    def fields(self) -> ComposeResult:
        """Lay out."""
        yield Label("Give this token to its POS plugin. It is shown only here and only now:")
        yield Label(plain(self._token), id="token", markup=False)
        yield Label("If it gets lost, shut the terminal out and add it anew.")

    def answer(self) -> bool:
        """Be read."""
        return True
