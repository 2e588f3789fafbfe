"""A counter that answers as told, and both clients behind one way of asking."""

import asyncio
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from store_agent.client import AgentClient, AsyncAgentClient
from tests.client.counter import Counter, open_counter

Speak = Callable[..., Any]


@pytest.fixture
def counter() -> Iterator[Counter]:
    with open_counter() as served:
        yield served


def speak_blocking(url: str, talk: Callable[[Any], Any], **options: Any) -> Any:
    with AgentClient(url, "lane-1", "token", **options) as client:
        return talk(client)


def speak_asynchronously(url: str, talk: Callable[[Any], Any], **options: Any) -> Any:
    async def spoken() -> Any:
        async with AsyncAgentClient(url, "lane-1", "token", **options) as client:
            said = talk(client)
            return await said if inspect.isawaitable(said) else said

    return asyncio.run(spoken())


@pytest.fixture(params=[speak_blocking, speak_asynchronously], ids=["blocking", "asynchronous"])
def speak(request: pytest.FixtureRequest) -> Speak:
    """Let a client do something: `speak(url, lambda client: client.status(), **options)`."""
    chosen: Speak = request.param
    return chosen
