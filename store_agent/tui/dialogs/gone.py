"""The agent does not answer: said on the whole screen, until it does."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Footer, Label

from store_agent.tui.words import plain


class GoneScreen(ModalScreen[None]):
    """Stays until the agent is back; that is tried every second."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("q", "app.quit", "Quit")]

    def __init__(self, words: str) -> None:
        super().__init__()
        self._words = words

    def compose(self) -> ComposeResult:
        """Lay out."""
        with Vertical(classes="dialog"):
            yield Label("✗ THE AGENT DOES NOT ANSWER", classes="title")
            yield Label(plain(self._words), id="gone-words", markup=False)
            yield Label(
                "What it means: sales that were taken before are safe on this machine. New sales cannot be stored now; "
                "the tills must keep them until the agent is back."
            )
            yield Label("This screen looks for the agent every second and comes back by itself.")
        yield Footer(show_command_palette=False, compact=True)

    def say(self, words: str) -> None:
        """Say why by now."""
        self.query_one("#gone-words", Label).update(plain(words))
