"""What both clients are before any connection: one terminal, its calls and its kept sales."""

import ssl
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import Any

from .call import Timeouts
from .calls import Calls
from .flushing import Pass
from .kept import KeptSales

SALES_MAX = 5_000
"""Kept sales: more than a till sells in a day, and few enough to be listed in a moment."""


@dataclass(eq=False)
class Terminal:
    """A terminal of the store, as the agent knows it.

    `url` is the agent's, such as `http://127.0.0.1:8750`; `terminal` and `token` are what `store-agent terminal add`
    printed. `kept_in` is a directory of this terminal alone, for at most `kept_max` sales that the agent has not taken
    yet. `container`, `render`: see Calls, where all calls are described. `trust` is for an agent on another machine:
    the CA of its certificate, and the terminal's own certificate if the agent wants one; left out, the public CAs.
    """

    url: str
    terminal: str
    token: str = field(repr=False)
    _: KW_ONLY
    kept_in: Path | None = None
    kept_max: int = SALES_MAX
    timeouts: Timeouts = field(default_factory=Timeouts)
    container: Mapping[str, Any] = field(default_factory=dict)
    render: Mapping[str, str | int | bool] | None = None
    trust: ssl.SSLContext | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Prepare the calls."""
        self.calls = Calls(self.terminal, self.token, self.timeouts, self.container, self.render)

    def _keep(self, sale: Mapping[str, Any]) -> None:
        self._kept().put(self.calls.write_sale(sale))

    def _pass(self) -> Pass:
        return Pass(self._kept(), self.calls)

    def _kept(self) -> KeptSales:
        if self.kept_in is None:
            raise ValueError("Give the client a directory, kept_in, to keep sales in.")
        return KeptSales(self.kept_in, sales_max=self.kept_max, turn_seconds=self.timeouts.turn_seconds)
