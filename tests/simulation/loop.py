"""An event loop whose time is a number: nothing waits, and the same program runs the same way every time."""

from asyncio import AbstractEventLoop, Task
from asyncio.base_events import BaseEventLoop
from contextvars import Context, ContextVar
from typing import Any, Protocol

START_SECONDS = 1_000.0
"""Where time begins; not 0, so that a time that was never set shows."""


class Owner(Protocol):
    """Whoever a task belongs to and dies with."""

    tasks: list[Task[Any]]


OWNER: ContextVar[Owner | None] = ContextVar("owner", default=None)
"""Inherited by every task that a task makes, so that a crash takes them all, whoever made them."""


class Deadlock(Exception):
    """Everything waits and nothing will ever happen."""


class Livelock(Exception):
    """Something turns for ever without letting time pass."""


TURNS_MAX = 20_000
"""Turns of the loop at one moment; the busiest moment of an honest run needs some hundred."""


class VirtualLoop(BaseEventLoop):
    """Runs callbacks in order of their time, first come first served; waiting costs nothing."""

    def __init__(self) -> None:
        super().__init__()
        self._now = START_SECONDS
        self._selector = _Leap(self)
        self.set_task_factory(_made)

    def time(self) -> float:
        """Seconds of virtual time."""
        return self._now

    def leap(self, seconds: float) -> None:
        """Let time pass."""
        self._now += seconds

    def _process_events(self, event_list: list[Any]) -> None:
        """There are no sockets, hence no events."""

    def _write_to_self(self) -> None:
        """There is one thread, hence nobody to be woken."""


class _Leap:
    """Stands where a loop asks the system to wait."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self._turns = 0

    def select(self, timeout: float | None) -> list[Any]:
        if timeout is None:
            raise Deadlock("Everything waits and nothing will ever happen.")
        self._turns = 0 if timeout > 0 else self._turns + 1
        if self._turns > TURNS_MAX:
            raise Livelock("Something turns for ever without letting time pass.")
        self._loop.leap(timeout)
        return []


def _made(loop: AbstractEventLoop, work: Any, /, *, context: Context | None = None) -> Task[Any]:
    task: Task[Any] = Task(work, loop=loop, context=context)
    owner = OWNER.get() if context is None else context.get(OWNER)
    if owner is not None:
        owner.tasks.append(task)
    return task
