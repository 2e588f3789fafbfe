"""All screens: the key, the names for wide and narrow terminals, and what makes them."""

from collections.abc import Callable
from dataclasses import dataclass

from store_agent.tui.panes.attention import AttentionPane
from store_agent.tui.panes.catalog import CatalogPane
from store_agent.tui.panes.day import DayPane
from store_agent.tui.panes.employees import EmployeesPane
from store_agent.tui.panes.help import HelpPane
from store_agent.tui.panes.log import LogPane
from store_agent.tui.panes.overview import OverviewPane
from store_agent.tui.panes.pane import Pane
from store_agent.tui.panes.queue import QueuePane
from store_agent.tui.panes.receipts import ReceiptsPane
from store_agent.tui.panes.terminals import TerminalsPane


@dataclass(frozen=True, slots=True)
class Entry:
    """A screen."""

    key: str
    name: str
    long: str
    short: str
    make: Callable[[], Pane]


PANES = (
    Entry("1", "overview", "Overview", "Overview", OverviewPane),
    Entry("2", "queue", "Queue", "Queue", QueuePane),
    Entry("3", "attention", "Attention", "Attn", AttentionPane),
    Entry("4", "day", "Day", "Day", DayPane),
    Entry("5", "catalog", "Catalog", "Items", CatalogPane),
    Entry("6", "employees", "Employees", "Staff", EmployeesPane),
    Entry("7", "receipts", "Receipts", "Receipts", ReceiptsPane),
    Entry("8", "log", "Log", "Log", LogPane),
    Entry("9", "terminals", "Terminals", "Lanes", TerminalsPane),
    Entry("0", "help", "Help", "Help", HelpPane),
)
