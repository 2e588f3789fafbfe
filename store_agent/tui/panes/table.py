"""All screens: the key, the names for wide and narrow terminals, and what makes them."""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from store_agent.tui.panes.pane import Pane


@dataclass(frozen=True, slots=True)
class Entry:
    """A screen, which lives in the module of its name."""

    key: str
    name: str
    long: str
    short: str

    def make(self) -> "Pane":
        """Make the screen; imported only now, so that the first picture does not wait for all of them."""
        module = import_module(f"store_agent.tui.panes.{self.name}")
        pane: Pane = getattr(module, f"{self.name.capitalize()}Pane")()
        return pane


PANES = (
    Entry("1", "overview", "Overview", "Overview"),
    Entry("2", "queue", "Queue", "Queue"),
    Entry("3", "attention", "Attention", "Attn"),
    Entry("4", "day", "Day", "Day"),
    Entry("5", "catalog", "Catalog", "Items"),
    Entry("6", "employees", "Employees", "Staff"),
    Entry("7", "receipts", "Receipts", "Receipts"),
    Entry("8", "log", "Log", "Log"),
    Entry("9", "terminals", "Terminals", "Lanes"),
    Entry("0", "help", "Help", "Help"),
)
