"""The parts of the running agent: when one ends, all end (G17)."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from store_agent.errors import AgentError

_log = structlog.get_logger("agent")


class Parts:
    """Tasks by name. SIGTERM and SIGINT end them like a part that ends, and call `told` at once."""

    def __init__(self, told: Callable[[], object]) -> None:
        self._tasks: dict[str, asyncio.Task[Any]] = {}
        self._told = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._hear, told)
        self.add("signal", self._told.wait())

    @property
    def told(self) -> bool:
        """Tell whether a signal asked for the end."""
        return self._told.is_set()

    def add(self, name: str, work: Coroutine[Any, Any, Any]) -> None:
        """Start a part."""
        self._tasks[name] = asyncio.create_task(work, name=name)

    def _hear(self, told: Callable[[], object]) -> None:
        self._told.set()
        told()

    async def first_end(self, *beside: asyncio.Task[Any], timeout: float | None = None) -> bool:  # noqa: ASYNC109 - plain
        """Wait until a part, or something beside them, ends; tells whether a part did."""
        tasks = {*self._tasks.values(), *beside}
        await asyncio.wait(tasks, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        return any(task.done() for task in self._tasks.values())

    async def end(self, *names: str) -> None:
        """Wait for parts that were told to end, those of them that there are."""
        tasks = [self._tasks[name] for name in names if name in self._tasks]
        if tasks:
            await asyncio.wait(tasks)

    async def close(self) -> None:
        """Cancel what still runs. Raises AgentError if a part failed."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.wait(self._tasks.values())
        for name, task in self._tasks.items():
            error = None if task.cancelled() else task.exception()
            if error is not None:
                words = f"A part of the agent failed ({name}); it ends so that it is started anew."
                _log.error("agent.part_died", words=words, part=name, exc_info=error)
                raise AgentError(words)
