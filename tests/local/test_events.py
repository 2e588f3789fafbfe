"""A screen follows what happens in the agent, and is told when it can follow no more."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from store_agent.cloud.transport import LINE_BYTES_MAX
from store_agent.domain import events as told
from store_agent.errors import TemporaryFailure, Unavailable
from store_agent.local import agent as agent_module
from store_agent.local.address import Address
from store_agent.local.agent import LocalAgent
from store_agent.local.credentials import Credentials
from store_agent.local.events import EVENT_LENGTH_MAX, Event, listen
from store_agent.local.problems import NotRunning, Refused
from store_agent.storage.database import Database
from tests.support.agent import free_port
from tests.support.served import Served, serve
from tests.support.spoken import speaking

STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
EVENT = (
    b'id: 7\r\nevent: a.b\r\ndata: {"at": 1.5, "name": "a.b",\r\n'
    b'data:"words": "w\xc3\xa9", "details": {"n": 1}}\r\n\r\n'
)


async def heard(url: str) -> list[Event | None]:
    """Listen to the end."""
    agent = LocalAgent(Address(url))
    try:
        async with aclosing(listen(agent)) as events:
            return [event async for event in events]
    finally:
        await agent.close()


async def following(events: AsyncGenerator[Event | None]) -> Event:
    """Wait for the next event."""
    while (event := await anext(events)) is None:
        pass
    return event


async def test_events_are_heard_as_they_come(served: Served, manager: LocalAgent) -> None:
    async with aclosing(listen(manager)) as events:
        assert await anext(events) is None
        await served.do("/v1/outbox/drain")
        served.hub.publish(told.Event("link.online", "The line is up.", {"count": 1}))
        event = await following(events)
        while event.name != "link.online":
            event = await following(events)
    assert event.number == served.hub._number
    assert (event.words, event.details) == ("The line is up.", {"count": 1})
    assert abs(event.at - served.clock.wall()) < 60


async def test_what_was_missed_comes_first(served: Served, manager: LocalAgent) -> None:
    for name in ("one", "two", "three"):
        served.hub.publish(told.Event(name, ""))
    async with aclosing(listen(manager, served.hub._number - 2)) as events:
        assert [(await following(events)).name for _ in range(2)] == ["two", "three"]


async def test_a_sign_of_life_is_given_on(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store_agent.api.events.QUIET_SECONDS", 0.02)
    async with serve(database) as served:
        agent = LocalAgent(Address(str(served.manager.base_url)), Credentials("manager", "manager-token"))
        async with aclosing(listen(agent)) as events:
            assert [await anext(events) for _ in range(4)] == [None] * 4
        await agent.close()


async def test_the_listening_ends_when_the_agent_stops(served: Served, manager: LocalAgent) -> None:
    async with aclosing(listen(manager)) as events:
        await anext(events)
        served.hub.close()
        assert [event async for event in events if event is not None] == []


async def test_a_stranger_is_refused(served: Served) -> None:
    with pytest.raises(Refused, match="name or token is wrong") as refused:
        await heard(str(served.manager.base_url))
    assert refused.value.status == 401


async def test_nobody_there_is_told() -> None:
    with pytest.raises(NotRunning):
        await heard(f"http://127.0.0.1:{free_port()}")


async def test_a_silent_agent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent_module, "SILENCE_SECONDS_MAX", 0.05)
    async with speaking(STREAM, hold=True) as url:
        with pytest.raises(TemporaryFailure):
            await heard(url)


async def test_a_connection_that_breaks_is_told() -> None:
    async with speaking(STREAM.replace(b"Connection: close", b"Content-Length: 99")) as url:
        with pytest.raises(NotRunning):
            await heard(url)


async def test_an_event_over_several_lines_is_read_and_others_are_passed_over() -> None:
    async with speaking(STREAM + b": hello\n\nretry: 5\n\n" + EVENT + b"event: unfinished") as url:
        assert await heard(url) == [None, None, Event(7, 1.5, "a.b", "wé", {"n": 1})]


@pytest.mark.parametrize(
    "said",
    [
        b"id: x\ndata: {}\n\n",
        b"id: 1\ndata: []\n\n",
        b"id: 1\ndata: {\n\n",
        b"data: x" + b"y" * 1_000 + b"\n\n",
        (b"data:" + b"y" * (LINE_BYTES_MAX // 2) + b"\n") * (2 * EVENT_LENGTH_MAX // LINE_BYTES_MAX + 1),
    ],
    ids=["number", "list", "broken", "text", "endless event"],
)
async def test_what_is_no_event_is_told(said: bytes) -> None:
    async with speaking(STREAM + said) as url:
        with pytest.raises(Unavailable, match="no event of the agent"):
            await heard(url)


async def test_an_endless_line_ends_the_listening_G11() -> None:
    async with speaking(STREAM + b"x" * (LINE_BYTES_MAX + 65_536), hold=True) as url:
        with pytest.raises(NotRunning):
            await heard(url)
