"""What all screens have in common: they load when they are seen, and again when something happened."""

import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual.containers import Vertical
from textual.timer import Timer

from store_agent.tui.asking import Asking
from store_agent.tui.words import plain

if TYPE_CHECKING:
    from store_agent.tui.calls import Calls

Json = dict[str, Any]

LOAD_SECONDS = 1.0
"""A screen that is seen loads at most this often by itself."""


class Pane(Vertical, Asking):
    """One screen. `FOLLOWS`: it loads again when something happened."""

    FOLLOWS: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__(id=type(self).__name__.removesuffix("Pane").lower())
        self._loaded_at = 0.0
        self._timer: Timer | None = None

    @property
    def calls(self) -> "Calls":
        """Return what asks the agent; screens load only once there is one."""
        calls = self.manager.calls
        assert calls is not None  # noqa: S101 - see above
        return calls

    async def load(self) -> None:
        """Ask for what is shown, and show it. May raise AgentError."""

    def see(self, status: Json) -> None:
        """Show what the status tells."""

    def shown(self) -> None:
        """Take note of being seen from now on."""
        self.reload()
        self.focus_first()

    def focus_first(self) -> None:
        """Put the focus where keys are wanted first."""
        first = next((one for one in self.query("*") if one.focusable), None)
        if first is not None:
            first.focus()

    def happened(self) -> None:
        """Load soon, since something happened."""
        if not self.FOLLOWS or self._timer is not None:
            return
        wait = self._loaded_at + LOAD_SECONDS - time.monotonic()
        if wait <= 0:
            self.reload()
        else:
            self._timer = self.set_timer(wait, self._on_time)

    def reload(self) -> None:
        """Load now."""
        self._loaded_at = time.monotonic()
        if self.manager.calls is not None:
            self.ask(self.load, f"load-{self.id}", exclusive=True)

    def _on_time(self) -> None:
        self._timer = None
        if self.display:
            self.reload()

    def perform(self, work: Callable[[], Awaitable[str]]) -> None:
        """Do something to the store, say what came of it, and show how things are then."""
        self.ask(partial(self._perform, work), "deed")

    async def _perform(self, work: Callable[[], Awaitable[str]]) -> None:
        try:
            self.tell(await work())
        finally:
            self.manager.stir()
            self.reload()

    def tell(self, words: str) -> None:
        """Show words for a moment."""
        self.notify(plain(words), markup=False)
