"""Follows the agent: its status whenever something happened, and whether it answers at all.

Events come in bursts, of hundreds a second at worst. They are collected, and told together a few times a second: a
screen that draws each of them would have no time for keys.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import aclosing
from http import HTTPStatus
from typing import Any, NoReturn

from textual.message import Message

from store_agent.errors import AgentError
from store_agent.local.events import Event
from store_agent.local.problems import Refused, Stranger
from store_agent.tui.calls import Calls
from store_agent.tui.messages import Found, Lost, NotLetIn, Seen

Json = dict[str, Any]

TOLD_SECONDS = 0.25
"""Between two tellings: four a second is live to an eye, and leaves the rest of the time for keys."""

LOOK_SECONDS = 5.0
"""The status is asked for this often though nothing happened: ages, room on the disk, chores."""

RETRY_SECONDS = 1.0
"""Between two tries to reach an agent that does not answer."""

UNTOLD_MAX = 1_000
"""Events kept between two tellings; of more, the oldest go: nobody could read them."""

MOVED = "queue.moved"
"""The event that says that counts changed; it is told by the status and listed nowhere."""


class Feed:
    """Posts Found, Seen, Lost and NotLetIn."""

    def __init__(self, calls: Calls, post: Callable[[Message], Any]) -> None:
        self._calls = calls
        self._post = post
        self._untold: deque[Json] = deque(maxlen=UNTOLD_MAX)
        self._stirred = asyncio.Event()
        self._last = 0  # everything that is kept, at first

    def stir(self) -> None:
        """Have the status asked for soon."""
        self._stirred.set()

    async def run(self) -> None:
        """Follow until cancelled, or until the agent does not let this screen in."""
        while True:
            if not self._tell(await self._trouble()):
                return
            await asyncio.sleep(RETRY_SECONDS)

    def _tell(self, problem: AgentError) -> bool:
        """Tell what ended the following; gives whether it is worth to try again."""
        refused = isinstance(problem, Refused) and problem.status == HTTPStatus.UNAUTHORIZED
        if refused or isinstance(problem, Stranger):
            self._post(NotLetIn(str(problem)))
            return False
        self._post(Lost(str(problem)))
        return True

    async def _trouble(self) -> AgentError:
        """Follow; gives what ended that."""
        try:
            await self._follow()
        except AgentError as problem:
            return problem
        except BaseExceptionGroup as group:
            problems = group.subgroup(AgentError)
            if problems is None:
                raise
            return _first(problems)

    async def _follow(self) -> NoReturn:
        async with asyncio.TaskGroup() as both:
            both.create_task(self._look())
            both.create_task(self._listen())
        raise AssertionError("Neither ends by itself.")

    async def _look(self) -> None:
        known = False
        while True:
            self._stirred.clear()
            known = known or await self._introduced()
            status = await self._calls.status()
            events = list(self._untold)
            self._untold.clear()
            self._post(Seen(status, events))
            await asyncio.sleep(TOLD_SECONDS)
            await self._stirring()

    async def _introduced(self) -> bool:
        """Tell who this is to the agent; while it starts it knows nobody, and its status says so."""
        try:
            self._post(Found(await self._calls.me()))
        except Refused as refused:
            if refused.status != HTTPStatus.SERVICE_UNAVAILABLE:
                raise
            return False
        return True

    async def _stirring(self) -> None:
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await self._stirred.wait()
        except TimeoutError:
            return

    async def _listen(self) -> None:
        """Hear events; without them (too many listen, or the agent sends this one away) the status is still seen."""
        while True:
            try:
                await self._hear()
            except Refused as refused:
                if refused.status != HTTPStatus.SERVICE_UNAVAILABLE:
                    raise
            await asyncio.sleep(RETRY_SECONDS)

    async def _hear(self) -> None:
        async with aclosing(self._calls.events(self._last)) as events:
            async for event in events:
                if event is not None:
                    self._take(event)

    def _take(self, event: Event) -> None:
        self._last = event.number
        if event.name != MOVED:
            self._untold.append({"number": event.number, "at": event.at, "name": event.name, "words": event.words})
        self._stirred.set()


def _first(group: BaseExceptionGroup[AgentError]) -> AgentError:
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
