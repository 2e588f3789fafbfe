"""Asks where sales are to be written."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from textual.app import ComposeResult
from textual.widgets import Input, Label

from store_agent.tui.deeds import Target
from store_agent.tui.dialogs.deed import REASON_MAX
from store_agent.tui.dialogs.question import Question
from store_agent.tui.words import plain


@dataclass(frozen=True, slots=True)
class Wanted:
    """An export that is wanted."""

    sequences: Sequence[int]
    path: Path
    reason: str


class ExportDialog(Question[Wanted]):
    """Asks for path and reason."""

    BUTTON = "Export"

    def __init__(self, sequences: Sequence[int], person: str) -> None:
        super().__init__()
        self._sequences = sequences
        self._person = person

    def title_words(self) -> str:
        """Give the title."""
        return f"Export {Target(self._sequences).words}?"

    def fields(self) -> ComposeResult:
        """Lay out."""
        yield Label(
            "What happens: everything that is kept of them is written to a file on the machine where you sit, one "
            "sale a line as JSON. Nothing changes in the queue. The file may tell who bought what: keep it safe."
        )
        yield Label("File (a new one)", classes="field")
        yield Input(str(Path.home() / f"sales-{self._sequences[0]}.jsonl"), id="path", max_length=1_000, compact=True)
        yield Label(f"Why (if you like); kept with your name, {plain(self._person)}", classes="field", markup=False)
        yield Input(id="reason", max_length=REASON_MAX, compact=True)

    def answer(self) -> Wanted:
        """Read the fields."""
        if not self.typed("path"):
            raise ValueError("Give the file to write to.")
        try:
            path = Path(self.typed("path")).expanduser()
            there = path.exists()
        except (OSError, RuntimeError) as problem:
            raise ValueError(f"{self.typed('path')} cannot be used: {problem}") from None
        if there:
            raise ValueError(f"{path} is there already; give another name.")
        return Wanted(self._sequences, path, self.typed("reason"))
