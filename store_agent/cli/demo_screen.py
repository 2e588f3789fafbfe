"""What the demo shows: a live table on a terminal, plain lines elsewhere."""

import time
from decimal import Decimal
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

LINE_SECONDS = 2.0
"""Without a terminal the state is printed this often."""


class Screen:
    """Shows chapters of the story and the numbers of the moment."""

    def __init__(self) -> None:
        self._console = Console()
        self._live = Live(console=self._console, auto_refresh=False) if self._console.is_terminal else None
        self._chapter = ""
        self._printed = 0.0

    def __enter__(self) -> Self:
        """Start showing."""
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop showing."""
        if self._live is not None:
            self._live.stop()

    def chapter(self, text: str) -> None:
        """Begin a chapter."""
        self._chapter = text
        self._printed = 0.0
        self.say(text)

    def say(self, text: str) -> None:
        """Print a line that stays."""
        self._console.print(Text(text), soft_wrap=not self._console.is_terminal)

    def update(self, sold: int, status: dict[str, Any], arrived: int) -> None:
        """Show the numbers: sales answered at the tills, the agent's status, sales at the platform."""
        if self._live is not None:
            self._live.update(self._table(sold, status, arrived), refresh=True)
        elif time.monotonic() - self._printed >= LINE_SECONDS:
            self._printed = time.monotonic()
            outbox = status["outbox"]
            on_the_way = outbox["waiting"] + outbox["frozen"]
            self.say(
                f"  sold {sold:>5}   on the way {on_the_way:>5}   at the platform {arrived:>5}   {status['words'][0]}"
            )

    def _table(self, sold: int, status: dict[str, Any], arrived: int) -> Panel:
        outbox = status["outbox"]
        table = Table.grid(padding=(0, 2))
        table.add_row("Sold at the tills (answered, with receipt code)", Text(f"{sold:,}", "bold"))
        table.add_row("Safe in the store, on the way", Text(f"{outbox['waiting'] + outbox['frozen']:,}", "bold yellow"))
        table.add_row("Arrived at the platform", Text(f"{arrived:,}", "bold green"))
        table.add_row("Money on the way", Text(f"{Decimal(outbox['waiting_amount']):,}", "bold"))
        table.add_row("Line", Text(status["words"][0]))
        return Panel(table, title=Text(self._chapter), title_align="left")
