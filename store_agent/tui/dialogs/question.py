"""What all questions have in common: a title, words, fields, what is wrong with them, and two buttons."""

from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Label

from store_agent.errors import AgentError
from store_agent.tui.asking import Asking
from store_agent.tui.words import plain

T = TypeVar("T")


class Question(ModalScreen[T | None], Asking, Generic[T]):
    """Gives the answer, or None when it is left. Subclasses lay out `fields` and read them in `answer`."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Cancel")]
    TITLE_WORDS: ClassVar[str] = ""
    BUTTON: ClassVar[str] = "OK"
    CANCEL: ClassVar[str] = "Cancel (Esc)"

    def compose(self) -> ComposeResult:
        """Lay out."""
        with VerticalScroll(classes="dialog", can_focus=False):
            yield Label(self.title_words(), classes="title", markup=False)
            yield from self.fields()
            yield Label("", classes="problem", markup=False)
            with Horizontal(classes="buttons"):
                yield Button(self.button(), variant="primary", id="do")
                if self.CANCEL:
                    yield Button(self.CANCEL, id="leave")

    def title_words(self) -> str:
        """Give the title."""
        return self.TITLE_WORDS

    def button(self) -> str:
        """Give the words of the button that does it."""
        return self.BUTTON

    def fields(self) -> ComposeResult:
        """Lay out what is between title and buttons."""
        yield from ()

    def begin(self) -> None:
        """Do what is to be done once the question is seen."""

    def answer(self) -> T:
        """Read the fields. Raises ValueError with words for whoever typed."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Begin at the first field, or at the button."""
        self.begin()
        inputs = self.query(Input)
        (inputs.first() if inputs else self.query_one("#do", Button)).focus()

    def typed(self, field: str) -> str:
        """Return what stands in a field."""
        return self.query_one(f"#{field}", Input).value.strip()

    @on(Button.Pressed, "#do")
    def do(self) -> None:
        """Give the answer if it can be read."""
        try:
            answer = self.answer()
        except ValueError as problem:
            self.say(str(problem))
            return
        self.dismiss(answer)

    def say(self, words: str) -> None:
        """Say what is wrong, beside the fields."""
        self.query_one(".problem", Label).update(plain(words))

    def problem(self, problem: AgentError) -> None:
        """Tell what the agent refused beside the fields, too."""
        self.say(str(problem))

    @on(Button.Pressed, "#leave")
    def action_leave(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)

    @on(Input.Submitted)
    def next_field(self, event: Input.Submitted) -> None:
        """Go on to the next field, and from the last one do it."""
        inputs = list(self.query(Input))
        place = inputs.index(event.input) + 1
        if place < len(inputs):
            inputs[place].focus()
        else:
            self.do()
