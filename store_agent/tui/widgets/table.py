"""A table of a few hundred rows at most, whose last column takes what is left; cells are text and never markup."""

from collections.abc import Sequence
from typing import Any, ClassVar

from rich.console import JustifyMethod
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.coordinate import Coordinate
from textual.widgets import DataTable

from store_agent.tui.words import plain

NUMBERS = frozenset({"SALES", "AMOUNT", "NEW", "GONE", "CHANGED", "WAITING", "TRIES"})
"""Columns of numbers, which stand right, one below the other."""


class Table(DataTable[Text]):
    """Titles with their widths, the last without one. Keys name rows, so that the cursor stays where it was."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("home", "scroll_top", "First", show=False),
        Binding("end", "scroll_bottom", "Last", show=False),
    ]

    def __init__(self, *columns: tuple[str, int], id: str | None = None) -> None:  # noqa: A002 - the name is Textual's
        super().__init__(id=id, cursor_type="row", zebra_stripes=False, cell_padding=1)
        self._titles = columns
        self._keys: list[str] = []

    def on_mount(self) -> None:
        """Make the columns."""
        for title, width in self._titles:
            self.add_column(_text(title, title), width=width or None, key=title)

    def fill(self, rows: Sequence[tuple[str, Sequence[Any]]]) -> None:
        """Show these rows, each with its key. What is new is written over what stood there: rows are dear to make."""
        chosen = self.chosen
        if len(rows) < self.row_count:
            self.clear()
        self._keys = [key for key, _ in rows]
        for place, (_, cells) in enumerate(rows):
            self._put(place, [plain(cell) for cell in cells])
        if chosen in self._keys:
            self.move_cursor(row=self._keys.index(chosen))
        elif self._keys:
            self.post_message(self.RowHighlighted(self, self.cursor_row, self.ordered_rows[self.cursor_row].key))
        self._stretch()

    @property
    def chosen(self) -> str | None:
        """Return the key of the row under the cursor."""
        return self._keys[self.cursor_row] if self.cursor_row < len(self._keys) else None

    def on_resize(self) -> None:
        """Use the width there is."""
        self._stretch()

    def _put(self, place: int, cells: Sequence[str]) -> None:
        if place >= self.row_count:
            self.add_row(*(_text(cell, title) for cell, (title, _) in zip(cells, self._titles, strict=True)))
            return
        for column, (before, cell) in enumerate(zip(self.get_row_at(place), cells, strict=True)):
            if before.plain != cell:
                self.update_cell_at(Coordinate(place, column), _text(cell, self._titles[column][0]))

    def _stretch(self) -> None:
        if not self.columns:
            return
        *fixed, last = self.ordered_columns
        used = sum(column.get_render_width(self) for column in fixed)
        last.auto_width = False
        last.width = max(10, self.size.width - used - 2 * self.cell_padding - 1)
        self._require_update_dimensions = True
        self.refresh()


def _text(cell: str, title: str) -> Text:
    justify: JustifyMethod = "right" if title in NUMBERS else "left"
    return Text(cell, justify=justify, no_wrap=True, overflow="ellipsis")
