"""Asks before something is done to sales: which, what will happen, why, and for what cannot be undone a typed word."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.widgets import Input, Label, Select

from store_agent.tui.deeds import Deed, Target
from store_agent.tui.dialogs.question import Question
from store_agent.tui.words import plain

REASON_MAX = 500
"""Letters of a reason: what the agent takes."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be done, and why."""

    target: Target
    reason: str


class DeedDialog(Question[Asked]):
    """A question about a deed; `targets` are the sales that can be meant, `person` is who will be named."""

    def __init__(self, deed: Deed, targets: Sequence[Target], person: str) -> None:
        super().__init__()
        self._deed = deed
        self._targets = list(targets)
        self._person = person

    def title_words(self) -> str:
        """Give the title."""
        only = f": {self._targets[0].words}" if len(self._targets) == 1 else ""
        return f"{self._deed.title}{only}?"

    def button(self) -> str:
        """Give the words of the button."""
        return self._deed.button

    def fields(self) -> ComposeResult:
        """Lay out."""
        if len(self._targets) > 1:
            choices = [(target.words, place) for place, target in enumerate(self._targets)]
            yield Select(choices, value=0, allow_blank=False, id="target", compact=True)
        yield Label(f"What happens: {self._deed.happens}", markup=False)
        needed = "Why (needed)" if self._deed.reason else "Why (if you like)"
        yield Label(f"{needed}; kept with your name, {plain(self._person)}", classes="field", markup=False)
        yield Input(id="reason", max_length=REASON_MAX, compact=True)
        if self._deed.typed:
            yield Label(f"Type “{self._deed.typed}” to show that you mean it", classes="field", markup=False)
            yield Input(id="confirmation", max_length=20, compact=True)

    def answer(self) -> Asked:
        """Read the fields."""
        if not self._targets:
            raise ValueError("There are no sales here that this can be done to.")
        reason = self.typed("reason")
        if self._deed.reason and not reason:
            raise ValueError("Say why: it is kept in the books with your name.")
        if self._deed.typed and self.typed("confirmation").lower() != self._deed.typed:
            raise ValueError(f"Type “{self._deed.typed}” to show that you mean it.")
        return Asked(self._targets[self._place()], reason)

    def _place(self) -> int:
        chosen = self.query_one("#target", Select).value if len(self._targets) > 1 else 0
        return chosen if isinstance(chosen, int) else 0
