"""One sale: as a receipt, what happened to it, its receipt codes, and its JSON to the letter."""

from collections.abc import Callable, Mapping
from typing import Any

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import TabbedContent, TabPane

from store_agent.tui.history import history_lines
from store_agent.tui.indent import indented
from store_agent.tui.receipt import RULE, Line, receipt_lines
from store_agent.tui.widgets.code import code_drawn
from store_agent.tui.widgets.words import Words
from store_agent.tui.words import plain

Json = dict[str, Any]

PAPER = 40
"""Columns of the paper: what most receipt printers have, and what fits beside the list."""

JSON_MAX = 65_536
"""Letters of JSON that are shown; the rest is in an export."""


class SaleDetail(Widget):
    """Shows what the API gives of a sale."""

    def __init__(self) -> None:
        super().__init__()
        self._sale: Json | None = None
        self._names: Mapping[str, str] = {}

    def compose(self) -> ComposeResult:
        """Lay out."""
        with TabbedContent():
            for name, title in (("receipt", "Sale"), ("history", "History"), ("codes", "Codes"), ("json", "JSON")):
                with TabPane(title, id=f"tab-{name}"), VerticalScroll():
                    yield Words("", id=f"detail-{name}")

    def show(self, sale: Json | None, names: Mapping[str, str]) -> None:
        """Show a sale; `names` are those of items by id."""
        self._sale, self._names = sale, names
        self.show_part()

    @on(TabbedContent.TabActivated)
    def show_part(self) -> None:
        """Show the part that is looked at; making the others, codes above all, would hold up keys."""
        name = self.query_one(TabbedContent).active.removeprefix("tab-")
        text = Content("") if self._sale is None else _PARTS[name](self._sale, self._names)
        self.query_one(f"#detail-{name}", Words).update(text)

    def next_tab(self) -> None:
        """Show the next part."""
        tabs = self.query_one(TabbedContent)
        names = [str(pane.id) for pane in tabs.query(TabPane)]
        tabs.active = names[(names.index(tabs.active) + 1) % len(names)]


def _paper(lines: list[Line]) -> Content:
    return Content.assemble(*((_across(line) + "\n", "bold" if line.strong else "") for line in lines))


def _across(line: Line) -> str:
    if line is RULE:
        return "-" * PAPER
    gap = PAPER - cell_len(line.text) - cell_len(line.amount)
    if gap < 1 and line.amount:
        return f"{line.text}\n{line.amount:>{PAPER}}"
    return f"{line.text}{' ' * gap}{line.amount}".rstrip()


def _codes(receipts: list[Json]) -> Content:
    if not receipts:
        return Content("This sale has no receipt codes: its guest is known, or it is not paid yet.")
    parts: list[Content] = []
    for receipt in receipts:
        whose = "For the whole sale" if receipt["payment_id"] is None else f"Payment {plain(receipt['payment_id'])}"
        target = receipt["url"] or receipt["code"]
        parts.append(Content(f"{whose}: {plain(target)}\n"))
        parts.append(Content.assemble(code_drawn(target), "\n"))
    return Content("\n").join(parts)


def _pretty(payload: str | None) -> str:
    if payload is None:
        return "The text was dropped to make room on a full disk."
    shown = "\n".join(plain(line) for line in indented(payload).split("\n"))
    return shown if len(shown) <= JSON_MAX else f"{shown[:JSON_MAX]}\n… and {len(shown) - JSON_MAX:,} letters more"


_PARTS: dict[str, Callable[[Json, Mapping[str, str]], Content]] = {
    "receipt": lambda sale, names: _paper(receipt_lines(sale["payload"], names)),
    "history": lambda sale, _: history_lines(sale),
    "codes": lambda sale, _: _codes(sale.get("receipts", [])),
    "json": lambda sale, _: Content(_pretty(sale["payload"])),
}
