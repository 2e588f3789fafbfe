"""Hands events to whoever listens at the moment (`/v1/events`), within bounds (G11)."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

from store_agent.domain.events import Event

KEPT_MAX = 256
"""Events kept for listeners that come back and ask for what they missed."""

LISTENERS_MAX = 32
"""Listeners at a time: plugins and screens of one store."""

UNREAD_MAX = 256
"""Events that a slow listener may be behind; then it is sent away and may come back for what is kept."""


@dataclass(frozen=True, slots=True)
class Told:
    """An event as it is handed out: `number` grows by one, `at` is wall time in seconds."""

    number: int
    at: float
    event: Event


class Hub:
    """Publishes events; never waits for a listener. `wall` labels them.

    Numbers begin with the milliseconds since 1970, so that those of another run of the agent are told apart: the clock
    runs faster than events happen. Should it have been set back, a number is above all of this run.
    """

    def __init__(self, wall: Callable[[], float]) -> None:
        self._wall = wall
        self._kept: deque[Told] = deque(maxlen=KEPT_MAX)
        self._number = int(wall() * 1000)
        self._listeners: set[asyncio.Queue[Told | None]] = set()
        self._heard = asyncio.Event()
        self._closed = False
        self.arrivals = 0
        """How many ever came to listen."""

    @property
    def full(self) -> bool:
        """Tell whether no more listeners are taken."""
        return len(self._listeners) >= LISTENERS_MAX

    @property
    def heard(self) -> bool:
        """Tell whether anybody listens."""
        return bool(self._listeners)

    async def wait_until_heard(self) -> None:
        """Wait until somebody listens."""
        while not self.heard:
            self._heard.clear()
            await self._heard.wait()

    def publish(self, event: Event) -> None:
        """Hand an event to every listener."""
        told = self._numbered(event)
        self._kept.append(told)
        for listener in list(self._listeners):
            self._hand(listener, told)

    def pass_on(self, event: Event) -> bool:
        """Hand an event that is only worth something now to those who have read all others; tells whether all had.

        It is not kept, and pushes nobody out: who has not read all gets the next one.
        """
        told = self._numbered(event)
        ready = [listener for listener in self._listeners if listener.empty()]
        for listener in ready:
            listener.put_nowait(told)
        return len(ready) == len(self._listeners)

    async def listen(self, after: int | None, quiet: float) -> AsyncGenerator[Told | None]:
        """Give events as they come, and None whenever nothing happened for `quiet` seconds.

        First come those kept that came after the number `after`, if it is given. Ends when the hub is closed, when the
        listener falls too far behind, and at once when the hub is full.
        """
        if self.full:
            return
        listener: asyncio.Queue[Told | None] = asyncio.Queue(UNREAD_MAX + 1)
        missed = [] if after is None else self._since(after)
        self._listeners.add(listener)
        self.arrivals += 1
        self._heard.set()
        try:
            for told in missed:
                yield told
            while not self._closed:
                try:
                    next_told = await asyncio.wait_for(listener.get(), quiet)
                except TimeoutError:
                    yield None
                    continue
                if next_told is None:
                    return
                yield next_told
        finally:
            self._listeners.discard(listener)

    def close(self) -> None:
        """Send all listeners away, so that the server can stop."""
        self._closed = True
        for listener in list(self._listeners):
            self._send_away(listener)

    def _numbered(self, event: Event) -> Told:
        self._number += 1
        return Told(self._number, self._wall(), event)

    def _since(self, number: int) -> list[Told]:
        """Return what is kept after a number; one that was never given belongs to another run."""
        unknown = number > self._number
        return [told for told in self._kept if unknown or told.number > number]

    def _hand(self, listener: asyncio.Queue[Told | None], told: Told) -> None:
        if listener.qsize() < UNREAD_MAX:
            listener.put_nowait(told)
        else:
            self._send_away(listener)

    def _send_away(self, listener: asyncio.Queue[Told | None]) -> None:
        self._listeners.discard(listener)
        if not listener.full():
            listener.put_nowait(None)
