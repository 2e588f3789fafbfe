"""Answers of the last seconds, for a POS that asks the same again because it did not wait for the first answer."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

from store_agent.clock import Clock

T = TypeVar("T")

RECENT_MAX = 1_000
"""Answers that are kept at most."""

RECENT_BYTES_MAX = 65_536
"""Larger answers are not kept; common ones have a few kilobytes (G11)."""


class Recent(Generic[T]):
    """Keeps answers for `seconds` from when they were asked for. One that is asked for meanwhile is waited for."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        self._asked: OrderedDict[Hashable, tuple[float, asyncio.Task[T]]] = OrderedDict()

    async def once(self, key: Hashable, make: Callable[[], Coroutine[Any, Any, T]], keeps: Callable[[T], bool]) -> T:
        """Give the answer of the same question if there is one that `keeps`, else make it."""
        self._forget()
        found = self._asked.get(key)
        if found is None or _is_over(found[1], keeps):
            task = asyncio.create_task(make(), name="counter-call")
            self._asked.pop(key, None)  # its place is by when it was asked
            self._asked[key] = (self._clock.monotonic(), task)
        else:
            task = found[1]
        try:
            answer = await asyncio.shield(task)
        except Exception:
            self._drop(key, task)
            raise
        if not keeps(answer):
            self._drop(key, task)
        return answer

    def _drop(self, key: Hashable, task: asyncio.Task[T]) -> None:
        if key in self._asked and self._asked[key][1] is task:
            del self._asked[key]

    def _forget(self) -> None:
        before = self._clock.monotonic() - self._seconds
        for key, (asked_at, task) in list(self._asked.items()):
            too_many = len(self._asked) >= RECENT_MAX
            if not too_many and asked_at > before:
                break
            if task.done() or too_many:
                del self._asked[key]


def _is_over(task: asyncio.Task[T], keeps: Callable[[T], bool]) -> bool:
    """Tell whether a question came to an end that is not kept, after whoever asked it had gone."""
    return task.done() and (task.cancelled() or task.exception() is not None or not keeps(task.result()))
