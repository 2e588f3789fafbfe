"""A list of sales of any length: only what is seen is fetched and drawn, whatever stands above and below.

Textual's DataTable holds every row; a queue may have a million. Here the bar at the side stands for the range of
sequences, and a click on it goes there.
"""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from rich.cells import set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.worker import Worker

from store_agent.errors import AgentError
from store_agent.tui.window import Ask, Row, SalePage, Window
from store_agent.tui.words import STATE_SIGNS, STATE_WORDS, clock_time, ending, money, plain, sale_name

Json = dict[str, Any]
Source = Callable[[Ask], Awaitable[SalePage]]


@dataclass(frozen=True, slots=True)
class Column:
    """A column; the last one takes what is left."""

    title: str
    width: int
    right: bool = False


SALE_WIDTH = 15

UNTOLD = -1
"""No sequence: nobody was told yet what stands under the cursor, or that nothing does."""

COLUMNS = (
    Column("STATE", 18),
    Column("SALE", SALE_WIDTH),
    Column("LANE", 8),
    Column("AMOUNT", 10, right=True),
    Column("TAKEN", 12),
    Column("REASON", 0),
)


class SaleList(Widget, can_focus=True):
    """Shows the pages of a source. Posts Moved when another sale is under the cursor, Opened when one is wanted."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "sale-list--head",
        "sale-list--cursor",
        "sale-list--dim",
        "sale-list--bar",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "start", "First", show=False),
        Binding("end", "end", "Last", show=False),
        Binding("space", "mark", "Mark"),
        Binding("enter", "open", "Open"),
    ]

    class Moved(Message):
        """Another sale is under the cursor; None when the list is empty."""

        def __init__(self, row: Row | None) -> None:
            super().__init__()
            self.row = row

    class Opened(Message):
        """The details of the sale under the cursor are wanted."""

    def __init__(self, source: Source, wall: Callable[[], float], problem: Callable[[AgentError], None]) -> None:
        super().__init__()
        self.window = Window()
        self.marked: set[int] = set()
        self.extent: tuple[int, int] | None = None
        self._source = source
        self._wall = wall
        self._problem = problem
        self._told: int | None = UNTOLD
        self._asked: Ask | None = None

    @property
    def rows_high(self) -> int:
        """Return how many sales are seen at a time."""
        return max(1, self.size.height - 1)

    async def start(self, *, newest_first: bool) -> None:
        """Show the list anew, from its beginning."""
        self.window = Window(newest_first)
        self.marked.clear()
        await self._ask(self.window.from_start())

    async def again(self) -> None:
        """Ask for what is seen once more, unless that is about to be another part of the list."""
        if self._asked is None or not self._asked.goes:
            await self._ask(self.window.again())

    async def go_to(self, sequence: int) -> None:
        """Show the list from a sequence on."""
        await self._ask(self.window.from_sequence(sequence))

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        self.window.move(by, self.rows_high)
        self._moved()

    def action_page(self, by: int) -> None:
        """Move the cursor by a screen."""
        self.action_move(by * (self.rows_high - 1))

    def action_start(self) -> None:
        """Go to the first sale."""
        self._go(self.window.from_start(), self.window.first_known, -len(self.window.rows))

    def action_end(self) -> None:
        """Go to the last sale."""
        self._go(self.window.from_end(), self.window.last_known, len(self.window.rows))

    def action_mark(self) -> None:
        """Mark the sale under the cursor, or take the mark away, and go on to the next."""
        if self.window.chosen is not None:
            self.marked ^= {self.window.chosen["sequence"]}
            self.action_move(1)

    def action_open(self) -> None:
        """Have the details shown."""
        if self.window.chosen is not None:
            self.post_message(self.Opened())

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll."""
        self._scroll(event, 3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll."""
        self._scroll(event, -3)

    def on_click(self, event: events.Click) -> None:
        """Choose a sale, open it by a second click, or go to a part of the list by the bar."""
        if event.x >= self.size.width - 1:
            self._go_to_share((event.y - 1) / max(1, self.rows_high - 1))
            return
        self.window.choose(self.window.top + event.y - 1)
        self._moved()
        if event.chain == 2:  # noqa: PLR2004 - a double click
            self.action_open()

    def on_resize(self) -> None:
        """Fill what can be seen now."""
        self.window.move(0, self.rows_high)
        self._fill()

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        return self._line(y).apply_style(self.rich_style)

    def _line(self, y: int) -> Strip:
        width = self.size.width - 1
        bar = Segment("█" if y == self._bar_at() else "│", self.get_component_rich_style("sale-list--bar"))
        if y == 0:
            text = "  " + _line([column.title for column in COLUMNS], width - 2)
            return Strip([Segment(text, self.get_component_rich_style("sale-list--head")), Segment(" ", Style())])
        index = self.window.top + y - 1
        if index >= len(self.window.rows):
            words = "   No sales here." if not self.window.rows and y == 1 and self._asked is None else ""
            return Strip(
                [Segment(set_cell_size(words, width), self._dim), bar if self.window.rows else Segment(" ", Style())]
            )
        row = self.window.rows[index]
        style = self.get_component_rich_style("sale-list--cursor") if index == self.window.cursor else Style()
        cursor = "▸" if index == self.window.cursor else " "
        mark = "●" if row["sequence"] in self.marked else " "
        return Strip([Segment(cursor + mark + _line(_cells(row, self._wall()), width - 2), style), bar])

    @property
    def _dim(self) -> Style:
        return self.get_component_rich_style("sale-list--dim")

    def _bar_at(self) -> int:
        """Return the line of the bar that stands for where we are."""
        if self.extent is None or not self.window.rows:
            return -1
        first, last = self.extent
        here = self.window.rows[min(self.window.top, len(self.window.rows) - 1)]["sequence"]
        share = (here - first) / max(1, last - first)
        if self.window.newest_first:
            share = 1.0 - share
        at_end = self.window.last_known and self.window.top + self.rows_high >= len(self.window.rows)
        return 1 + round((1.0 if at_end and self.window.top else share) * (self.rows_high - 1))

    def _go_to_share(self, share: float) -> None:
        if self.extent is None:
            return
        first, last = self.extent
        part = 1.0 - share if self.window.newest_first else share
        sequence = first + round(max(0.0, min(1.0, part)) * (last - first))
        self._run(partial(self.go_to, sequence))

    def _scroll(self, event: events.MouseEvent, by: int) -> None:
        event.stop()
        self.window.scroll(by, self.rows_high)
        self._moved()

    def _go(self, ask: Ask, known: bool, by: int) -> None:  # noqa: FBT001 - private
        if known:
            self.action_move(by)
        else:
            self._run(partial(self._ask, ask))

    def _moved(self) -> None:
        self._fill()
        self.refresh()
        chosen = self.window.chosen
        sequence = None if chosen is None else chosen["sequence"]
        if sequence != self._told:
            self._told = sequence
            self.post_message(self.Moved(chosen))

    def _fill(self) -> None:
        """Have the next screen fetched in either direction, unless that is done already."""
        ask = self.window.wants(self.rows_high)
        if ask is not None and self._asked is None:
            self._run(partial(self._ask, ask))

    def _run(self, work: Callable[[], Coroutine[Any, Any, None]]) -> Worker[None]:
        return self.run_worker(work, exclusive=True)

    async def _ask(self, ask: Ask) -> None:
        """Ask for a page, and take it unless another was asked for meanwhile: two would not fit together."""
        self._asked = ask
        try:
            page = await self._source(ask)
        except AgentError as problem:
            self._problem(problem)
            return
        finally:
            newest = self._asked is ask
            self._asked = None if newest else self._asked
        if newest:
            self.window.take(ask, page)
            self.window.move(0, self.rows_high)
            self._told = self._told if self.window.chosen else UNTOLD
            self._moved()


def _cells(row: Row, now: float) -> list[str]:
    return [
        f"{STATE_SIGNS[row['state']]} {STATE_WORDS[row['state']]}",
        ending(sale_name(row), SALE_WIDTH - 1),
        plain(row["terminal"]),
        money(row["amount"]),
        clock_time(row["accepted_at"], now),
        plain(row["error"] or ""),
    ]


def _line(cells: list[str], width: int) -> str:
    parts = []
    for column, cell in zip(COLUMNS, cells, strict=True):
        size = column.width or max(0, width - sum(one.width for one in COLUMNS))
        parts.append(_fit(cell, size - 1, right=column.right) + " " if size else "")
    return set_cell_size("".join(parts), width)


def _fit(text: str, width: int, *, right: bool) -> str:
    """Cut or fill a text to a width in columns; a letter of an eastern script takes two."""
    fitted = set_cell_size(text, width)
    if right and len(text) < width:
        return text.rjust(width)
    return fitted if set_cell_size(text, 10_000).rstrip() == fitted.rstrip() else set_cell_size(text, width - 1) + "…"
