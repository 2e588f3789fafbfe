"""Events reach whoever listens, those missed included; a listener that is slow, gone or too much harms nobody."""

import asyncio
import socket
import time

import httpx
import pytest
from structlog.testing import capture_logs

from store_agent.api import hub as hub_module
from store_agent.api.hub import KEPT_MAX, UNREAD_MAX, Hub
from store_agent.api.limits import Limits
from store_agent.api.server import STOP_SECONDS
from store_agent.domain.events import Event
from store_agent.local.credentials import Credentials
from store_agent.storage.database import Database
from tests.conftest import MakeAgent
from tests.support.listening import Ear, listening
from tests.support.served import Served, client, serve


async def listeners(served: Served, wanted: int) -> None:
    """Wait until so many are heard by the hub."""
    async with asyncio.timeout(10):
        while len(served.hub._listeners) != wanted:  # noqa: ASYNC110 - the hub has no need to tell
            await asyncio.sleep(0)


def publish(served: Served, *names: str) -> None:
    for name in names:
        served.hub.publish(Event(name, f"{name} happened.", {"count": 1}))


async def names(ear: Ear, number: int) -> list[str]:
    heard = [await ear.hear() for _ in range(number)]
    return [one.name for one in heard if one is not None]


async def test_an_event_arrives_with_name_number_words_and_details(served: Served) -> None:
    async with listening(served.cashier) as ear:
        await listeners(served, 1)
        publish(served, "link.online")
        heard = await ear.hear()
    assert heard is not None
    assert heard.name == heard.data["name"] == "link.online"
    assert int(heard.id) == served.hub._number
    assert heard.data["words"] == "link.online happened."
    assert heard.data["details"] == {"count": 1}
    assert abs(heard.data["at"] - served.clock.wall()) < 60


async def test_what_the_manager_does_is_heard_by_the_tills(served: Served) -> None:
    await served.sell("T-1")
    async with listening(served.cashier) as ear:
        await listeners(served, 1)
        await served.do("/v1/outbox/hold", sequences=[1])
        await served.do("/v1/day/close", reason="end of shift")
        assert await names(ear, 2) == ["queue.repaired", "day.closed"]


async def test_a_listener_that_comes_back_gets_what_it_missed(served: Served) -> None:
    async with listening(served.cashier) as ear:
        await listeners(served, 1)
        publish(served, "one")
        last = await ear.hear()
    assert last is not None
    publish(served, "two", "three")
    async with listening(served.cashier, headers={"Last-Event-ID": last.id}) as ear:
        assert await names(ear, 2) == ["two", "three"]
        await listeners(served, 1)
        publish(served, "four")
        assert await names(ear, 1) == ["four"]


async def test_after_asks_for_the_same_and_the_header_of_a_reconnect_wins(served: Served) -> None:
    publish(served, "one", "two")
    newest = served.hub._number
    async with listening(served.cashier, params={"after": newest - 2}) as ear:
        assert await names(ear, 2) == ["one", "two"]
    request = {"params": {"after": newest - 2}, "headers": {"Last-Event-ID": str(newest - 1)}}
    async with listening(served.cashier, **request) as ear:
        assert await names(ear, 1) == ["two"]


async def test_without_a_number_only_what_happens_from_now_on_is_heard(served: Served) -> None:
    publish(served, "before")
    async with listening(served.cashier) as ear:
        await listeners(served, 1)
        publish(served, "now")
        assert await names(ear, 1) == ["now"]


@pytest.mark.parametrize("set_back", [0.0, 3_600.0])
async def test_after_a_restart_everything_of_the_new_run_is_new(set_back: float) -> None:
    """Also when the clock was set back meanwhile (G14)."""
    wall = 1_790_000_000.0
    before = Hub(lambda: wall)
    before.publish(Event("of.the.run.before", ""))
    now = Hub(lambda: wall + 1.0 - set_back)
    now.publish(Event("of.this.run", ""))
    heard = now.listen(before._number, quiet=1.0)
    told = await anext(heard)
    assert told is not None
    assert told.event.name == "of.this.run"
    await heard.aclose()


@pytest.mark.parametrize("number", ["x", "-1", "", str(2**63)])
async def test_a_number_that_is_none_is_refused_by_field(served: Served, number: str) -> None:
    answer = await served.cashier.get("/v1/events", headers={"Last-Event-ID": number})
    assert (answer.status_code, answer.json()["errors"]["fields"][0]["path"]) == (400, "last-event-id")
    assert (await served.cashier.get("/v1/events", params={"after": number})).status_code == 400


async def test_strangers_do_not_listen_G15(served: Served) -> None:
    async with httpx.AsyncClient(base_url=served.cashier.base_url, trust_env=False) as stranger:
        assert (await stranger.get("/v1/events")).status_code == 401


async def test_a_listener_that_falls_behind_is_sent_away_and_may_come_back_G11(served: Served) -> None:
    publish(served, "first")
    first = served.hub._number
    async with listening(served.cashier) as ear:
        await listeners(served, 1)
        publish(served, *(f"burst.{number}" for number in range(UNREAD_MAX + 20)))
        assert not served.hub._listeners
        heard = await ear.hear_all()
    assert len(heard) <= UNREAD_MAX + 1
    async with listening(served.cashier, headers={"Last-Event-ID": str(first)}) as ear:
        kept = await names(ear, KEPT_MAX)
    assert kept[-1] == f"burst.{UNREAD_MAX + 19}"


async def test_a_listener_that_does_not_read_is_let_go_and_its_end_is_no_bug_G11(served: Served) -> None:
    """What waits for it is bounded by the hub and by what lies in the sockets."""
    url, loop = served.cashier.base_url, asyncio.get_running_loop()
    credentials = Credentials("lane-1", "cashier-token").headers()["Authorization"]
    head = f"GET /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {credentials}\r\n\r\n"
    large = Event("large", "x" * 100_000)
    with capture_logs() as logged:
        with socket.socket() as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            deaf.setblocking(False)
            await loop.sock_connect(deaf, (url.host, url.port))
            await loop.sock_sendall(deaf, head.encode())
            await listeners(served, 1)
            for _ in range(5_000):
                served.hub.publish(large)
                await asyncio.sleep(0)
                if not served.hub._listeners:
                    break
        assert not served.hub._listeners
        async with asyncio.timeout(10):
            while served.server.server_state.tasks:  # noqa: ASYNC110 - uvicorn does not tell
                await asyncio.sleep(0)
    assert logged == []


async def test_too_many_listeners_are_told_to_come_again_G11(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "LISTENERS_MAX", 1)
    async with listening(served.cashier):
        await listeners(served, 1)
        refused = await served.manager.get("/v1/events")
    assert (refused.status_code, refused.json()["errors"]["code"]) == (503, "busy")
    assert refused.headers["retry-after"] == "1"
    await listeners(served, 0)
    async with listening(served.manager):
        await listeners(served, 1)


async def test_the_hub_itself_takes_no_more_than_its_bound_G11(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of several that pass the door at the same moment, the last ones are sent away at once."""
    monkeypatch.setattr(hub_module, "LISTENERS_MAX", 0)
    assert [told async for told in served.hub.listen(None, quiet=1.0)] == []


async def test_a_listener_that_is_gone_is_noticed(served: Served) -> None:
    async with listening(served.cashier):
        await listeners(served, 1)
    await listeners(served, 0)


async def test_a_silent_stream_shows_life_and_outlives_every_deadline_of_the_door(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store_agent.api.events.QUIET_SECONDS", 0.02)
    limits = Limits(header_timeout=0.1, body_timeout=0.1, idle_timeout=0.1)
    async with serve(database, limits) as served, listening(served.cashier) as ear:
        await ear.hear_comments(20)
        publish(served, "late")
        assert await names(ear, 1) == ["late"]


async def test_a_head_without_end_behind_a_stream_is_cut_off_G11(served: Served) -> None:
    """Nothing is read as a request while another is answered, and a stream is answered for ever."""
    url, credentials = served.cashier.base_url, Credentials("lane-1", "cashier-token").headers()["Authorization"]
    _, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(f"GET /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {credentials}\r\n\r\n".encode())
    await listeners(served, 1)
    writer.write(b"GET /v1/me HTTP/1.1\r\nX: ")
    with pytest.raises(ConnectionError):
        await pour(writer)
    await listeners(served, 0)
    writer.close()


async def pour(writer: asyncio.StreamWriter) -> None:
    """Send 20 MB."""
    for _ in range(200):
        writer.write(b"x" * 100_000)
        await writer.drain()


async def test_the_stream_is_described(served: Served) -> None:
    described = (await served.cashier.get("/openapi.json")).json()["paths"]["/v1/events"]["get"]
    assert "text/event-stream" in described["responses"]["200"]["content"]
    assert {parameter["name"] for parameter in described["parameters"]} == {"after", "last-event-id"}


async def test_the_agent_stops_quickly_while_somebody_listens(make_agent: MakeAgent) -> None:
    agent = make_agent("http://127.0.0.1:9").start()
    async with client(agent.url, "lane-1", agent.token) as lane, listening(lane) as ear:
        agent.cli_json("outbox", "drain", "--by", "Ada")
        heard = await ear.hear()
        assert heard is not None
        began = time.monotonic()
        assert agent.stop() == 0
        assert time.monotonic() - began < STOP_SECONDS
        await ear.hear_all()
