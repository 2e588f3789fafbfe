"""Asks what to look for in the queue."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Label, Select

from store_agent.tui.dialogs.question import Question
from store_agent.tui.filters import LISTS, Filters
from store_agent.tui.words import STATE_SIGNS

_FIELDS = (
    (("terminal", "Lane", ""), ("text", "In the sale's number or reason", "")),
    (("amount_min", "Amount from", "10"), ("amount_max", "to", "50.00")),
    (("younger_than", "Taken at most … ago", "2h"), ("older_than", "Taken at least … ago", "15min")),
)


class FilterDialog(Question[Filters]):
    """Begins with the filters in use."""

    TITLE_WORDS = "Which sales?"
    BUTTON = "Show"

    def __init__(self, filters: Filters) -> None:
        super().__init__()
        self._filters = filters

    def fields(self) -> ComposeResult:
        """Lay out."""
        states = [(f"{STATE_SIGNS.get(state, ' ')} {words}", state) for state, words in LISTS.items()]
        yield Select(states, value=self._filters.state, allow_blank=False, id="state", compact=True)
        for row in _FIELDS:
            with Horizontal(classes="row"):
                for name, title, example in row:
                    with Vertical(classes="cell"):
                        yield Label(title, classes="field")
                        value = getattr(self._filters, name)
                        yield Input(value, placeholder=example, id=name, max_length=100, compact=True)

    def answer(self) -> Filters:
        """Read the fields."""
        typed = {name: self.typed(name) for row in _FIELDS for name, _, _ in row}
        filters = Filters(state=str(self.query_one("#state", Select).value), cause=self._filters.cause, **typed)
        filters.as_query()
        return filters
