"""Asking the agent from a part of the screen, without holding up keys or falling over what is gone by then."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from textual.css.query import NoMatches
from textual.widget import Widget
from textual.worker import Worker

from store_agent.errors import AgentError

if TYPE_CHECKING:
    from store_agent.tui.app import ManagerApp

Work = Callable[[], Coroutine[Any, Any, None]]
"""Begun only once it is its turn: what is called off before leaves nothing behind."""


class Asking(Widget):
    """A part of the screen that asks. What the agent refuses is told, unless `problem` does something else."""

    @property
    def manager(self) -> "ManagerApp":
        """Return the app."""
        return cast("ManagerApp", self.app)

    def ask(self, work: Work, group: str, *, exclusive: bool = False) -> Worker[None]:
        """Do something beside the keys; `exclusive`: instead of what the group still does."""
        return self.run_worker(partial(self._asked, work), group=group, exclusive=exclusive)

    def problem(self, problem: AgentError) -> None:
        """Tell what went wrong."""
        self.manager.tell_problem(problem)

    async def _asked(self, work: Work) -> None:
        try:
            await work()
        except AgentError as problem:
            self.problem(problem)
        except NoMatches:
            if self.is_attached and self.app.is_running:
                raise
            # The answer came when the screen had been left.
