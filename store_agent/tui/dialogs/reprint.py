"""Asks where and why a receipt is printed once more."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.widgets import Input, Label, Select

from store_agent.tui.dialogs.deed import REASON_MAX
from store_agent.tui.dialogs.question import Question
from store_agent.tui.words import plain


@dataclass(frozen=True, slots=True)
class Wanted:
    """The printer, and why."""

    printer: str
    reason: str


class ReprintDialog(Question[Wanted]):
    """A question about the receipt of a sale; `chosen` is one of `printers`, `person` is who will be named."""

    BUTTON = "Print"

    def __init__(self, sale: str, printers: Sequence[str], chosen: str, person: str) -> None:
        super().__init__()
        self._sale = sale
        self._printers = list(printers)
        self._chosen = chosen
        self._person = person

    def title_words(self) -> str:
        """Give the title."""
        return f"Print the receipt of {plain(self._sale)} again?"

    def fields(self) -> ComposeResult:
        """Lay out."""
        yield Label(
            "What happens: its code is printed with REPRINT above it. It is the same code, so the guest can claim the "
            "sale once only."
        )
        yield Label("Printer", classes="field")
        choices = [(name, name) for name in self._printers]
        yield Select(choices, value=self._chosen, allow_blank=False, id="printer", compact=True)
        yield Label(f"Why (if you like); kept with your name, {plain(self._person)}", classes="field", markup=False)
        yield Input(id="reason", max_length=REASON_MAX, compact=True)

    def answer(self) -> Wanted:
        """Read the fields."""
        return Wanted(str(self.query_one("#printer", Select).value), self.typed("reason"))
