"""Follows what happens in the agent: `/v1/events`, server-sent events (HTML Living Standard, section 9.2)."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from store_agent.errors import Unavailable
from store_agent.local.agent import LocalAgent

EVENT_LENGTH_MAX = 1_048_576
"""Characters of one event; the agent's have a few hundred."""


@dataclass(frozen=True, slots=True)
class Event:
    """What happened: `number` grows, `at` is wall time in seconds, `name` is dotted, `words` are for a manager."""

    number: int
    at: float
    name: str
    words: str
    details: dict[str, Any]


async def listen(agent: LocalAgent, after: int | None = None) -> AsyncGenerator[Event | None]:
    """Give events as they come, and None when the listening has begun and whenever the agent shows that it lives.

    With `after`, the number of an event, first come those kept that came after it. Ends when the agent stops or sends
    a listener away that fell behind; listen again then with the number heard last. Raises as `LocalAgent.stream`, and
    Unavailable for what is no event. Use it with `contextlib.aclosing`.
    """
    path = "/v1/events" if after is None else f"/v1/events?after={after}"
    reader = _Reader()
    async with aclosing(agent.stream(path)) as lines:
        async for line in lines:
            if line is None or line.startswith(":"):
                yield None
            elif (event := reader.read(line)) is not None:
                yield event


class _Reader:
    """Gathers the lines of an event until an empty one ends it."""

    def __init__(self) -> None:
        self._number = ""
        self._data: list[str] = []
        self._length = 0

    def read(self, line: str) -> Event | None:
        if line:
            self._gather(*line.split(":", 1))
            return None
        number, data = self._number, self._data
        self._number, self._data, self._length = "", [], 0
        return _event(number, "\n".join(data)) if data else None

    def _gather(self, name: str, value: str = "") -> None:
        self._length += len(value)
        if self._length > EVENT_LENGTH_MAX:
            raise _unreadable()
        if name == "id":
            self._number = value.removeprefix(" ")
        elif name == "data":
            self._data.append(value.removeprefix(" "))


def _event(number: str, data: str) -> Event:
    try:
        told = json.loads(data)
        return Event(int(number), told["at"], told["name"], told["words"], told["details"])
    except (ValueError, KeyError, TypeError):
        raise _unreadable() from None


def _unreadable() -> Unavailable:
    return Unavailable("What was heard is no event of the agent: another program answers on its port; check api.port.")
