"""Asks for a name and a token, where nothing on this machine lets somebody in."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Label

from store_agent.tui.words import plain


class LoginScreen(ModalScreen[tuple[str, str] | None]):
    """Gives the name and the token, None when it is left."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Quit")]

    def __init__(self, words: str) -> None:
        super().__init__()
        self._words = words

    def compose(self) -> ComposeResult:
        """Lay out."""
        with Vertical(classes="dialog"):
            yield Label("Who are you?", classes="title")
            yield Label(plain(self._words), markup=False)
            yield Label("Terminal, or “manager”", classes="field")
            yield Input(id="name", max_length=64, compact=True)
            yield Label("Its token", classes="field")
            yield Input(id="token", password=True, max_length=200, compact=True)
            with Horizontal(classes="buttons"):
                yield Button("Look", variant="primary", id="go")
                yield Button("Quit", id="leave")

    @on(Button.Pressed, "#leave")
    def leave(self) -> None:
        """Leave without."""
        self.dismiss(None)

    @on(Button.Pressed, "#go")
    @on(Input.Submitted, "#token")
    def go(self) -> None:
        """Try these."""
        self.dismiss((self.query_one("#name", Input).value.strip(), self.query_one("#token", Input).value.strip()))

    @on(Input.Submitted, "#name")
    def next_field(self) -> None:
        """Go on to the token."""
        self.query_one("#token", Input).focus()
