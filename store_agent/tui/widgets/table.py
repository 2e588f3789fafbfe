"""A table of a few hundred rows at most, whose last column takes what is left; cells are text and never markup."""

from collections.abc import Sequence
from typing import Any, ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import DataTable

from store_agent.tui.words import plain


class Table(DataTable[Text]):
    """Titles with their widths, the last without one. Keys name rows, so that the cursor stays where it was."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("home", "scroll_top", "First", show=False),
        Binding("end", "scroll_bottom", "Last", show=False),
    ]

    def __init__(self, *columns: tuple[str, int], id: str | None = None) -> None:  # noqa: A002 - the name is Textual's
        super().__init__(id=id, cursor_type="row", zebra_stripes=False, cell_padding=1)
        self._titles = columns

    def on_mount(self) -> None:
        """Make the columns."""
        for title, width in self._titles:
            self.add_column(title, width=width or None, key=title)

    def fill(self, rows: Sequence[tuple[str, Sequence[Any]]]) -> None:
        """Show these rows, each with its key."""
        chosen = self.chosen
        self.clear()
        for key, cells in rows:
            self.add_row(*(Text(plain(cell), no_wrap=True, overflow="ellipsis") for cell in cells), key=key)
        keys = [key for key, _ in rows]
        if chosen in keys:
            self.move_cursor(row=keys.index(chosen))
        self._stretch()

    @property
    def chosen(self) -> str | None:
        """Return the key of the row under the cursor."""
        if not self.row_count or not self.is_valid_coordinate(self.cursor_coordinate):
            return None
        return self.coordinate_to_cell_key(self.cursor_coordinate).row_key.value

    def on_resize(self) -> None:
        """Use the width there is."""
        self._stretch()

    def _stretch(self) -> None:
        if not self.columns:
            return
        *fixed, last = self.ordered_columns
        used = sum(column.get_render_width(self) for column in fixed)
        last.auto_width = False
        last.width = max(10, self.size.width - used - 2 * self.cell_padding - 1)
        self._require_update_dimensions = True
        self.refresh()
