"""The pulse: listeners see the queue move, however many sales there are, and nothing else is drowned by it."""

import asyncio
import re
from pathlib import Path

import pytest
from structlog.testing import capture_logs

import store_agent
from store_agent.agent import wiring
from store_agent.api import pulse as pulse_module
from store_agent.api.hub import KEPT_MAX, UNREAD_MAX, Hub
from store_agent.api.pulse import PULSE_SECONDS, Pulse
from store_agent.domain.events import Event
from store_agent.domain.lifecycle import State
from store_agent.domain.link import LinkState
from store_agent.domain.space import Room
from store_agent.errors import StorageFailure
from tests.conftest import MakeAgent
from tests.support.listening import listening
from tests.support.sales import sale
from tests.support.served import Served, client

PAGE = Path(__file__).parents[2] / "docs" / "events.md"


async def heard_by(hub: Hub, number: int) -> None:
    """Wait until so many listen."""
    async with asyncio.timeout(10):
        while len(hub._listeners) != number:  # noqa: ASYNC110 - the hub has no need to tell
            await asyncio.sleep(0)


async def test_a_move_is_told_with_all_counts_and_only_once(served: Served) -> None:
    pulse = Pulse(served.outbox, served.hub)
    async with listening(served.cashier) as ear:
        await heard_by(served.hub, 1)
        await served.sell("T-1", "T-2")
        for _ in range(3):
            await pulse.look()
        served.hub.publish(Event("something.else", ""))
        first, second = await ear.hear(), await ear.hear()
    assert first is not None
    assert second is not None
    assert (first.name, first.data["words"], second.name) == ("queue.moved", "The queue moved.", "something.else")
    assert set(first.data["details"]) == {*State, "accepted"}
    assert (first.data["details"]["waiting"], first.data["details"]["accepted"]) == (2, 2)


async def test_500_sales_a_second_are_a_few_pulses_and_neither_kept_nor_logged(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulse_module, "PULSE_SECONDS", 0.05)
    served.hub.publish(Event("what.matters", ""))
    pulses = 0
    loop = asyncio.get_running_loop()
    with capture_logs() as logged:
        async with listening(served.cashier) as ear, asyncio.timeout(30):
            await heard_by(served.hub, 1)
            running = asyncio.create_task(Pulse(served.outbox, served.hub).run())
            began = loop.time()
            for number in range(50):
                await served.sell(*(f"T-{number}-{one}" for one in range(10)))
            counts = {"accepted": 0}
            while counts["accepted"] < 500:
                one = await ear.hear()
                assert one is not None
                counts, pulses = one.data["details"], pulses + 1
            took = loop.time() - began
        running.cancel()
    assert counts["waiting"] == 500
    assert pulses <= took / 0.05 + 1
    assert [told.event.name for told in served.hub._kept] == ["what.matters"]
    assert logged == []


def test_a_pulse_comes_four_times_a_second_at_most() -> None:
    assert PULSE_SECONDS >= 0.25


async def test_events_through_the_log_would_be_noticed() -> None:
    """The control: what goes the way of events is logged and kept."""
    hub = Hub(lambda: 0.0)
    with capture_logs() as logged:
        wiring.make_tell(hub)(Event("queue.moved", "The queue moved."))
    assert len(logged) == len(hub._kept) == 1


async def test_a_listener_that_does_not_read_is_not_pushed_out_and_gets_the_newest_in_the_end(served: Served) -> None:
    hub, pulse = served.hub, Pulse(served.outbox, served.hub)
    slow = hub.listen(None, quiet=10.0)
    begun = asyncio.create_task(anext(slow))
    await heard_by(hub, 1)
    hub.publish(Event("what.matters", ""))
    await begun
    for number in range(UNREAD_MAX + KEPT_MAX):
        hub.pass_on(Event("queue.moved", "", {"accepted": number}))
    (listener,) = hub._listeners
    assert listener.qsize() == 1
    await served.sell("T-1")
    await pulse.look()
    await anext(slow)
    await pulse.look()
    told = await anext(slow)
    assert told is not None
    assert told.event.details["accepted"] == 1
    await slow.aclose()


async def test_nothing_is_counted_while_nobody_listens(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse_module, "PULSE_SECONDS", 0.0)
    looks = 0

    class Counted:
        async def counts(self) -> dict[str, int]:
            nonlocal looks
            looks += 1
            return await served.outbox.counts()

    running = asyncio.create_task(Pulse(Counted(), served.hub).run())  # type: ignore[arg-type] # all that it asks for
    for _ in range(100):
        await asyncio.sleep(0)
    assert looks == 0
    for _ in range(2):
        async with listening(served.cashier) as ear:
            one = await ear.hear()
            assert one is not None
            assert one.name == "queue.moved", "whoever comes is told at once how it is"
        await heard_by(served.hub, 0)
    running.cancel()


async def test_a_disk_that_cannot_be_read_does_not_end_the_pulse(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulse_module, "PULSE_SECONDS", 0.0)
    fails = [StorageFailure("The disk failed.")] * 3

    class Failing:
        async def counts(self) -> dict[str, int]:
            if fails:
                raise fails.pop()
            return await served.outbox.counts()

    running = asyncio.create_task(Pulse(Failing(), served.hub).run())  # type: ignore[arg-type] # all that it asks for
    async with listening(served.cashier) as ear:
        assert await ear.hear() is not None
    running.cancel()


async def test_the_running_agent_has_a_pulse(make_agent: MakeAgent) -> None:
    agent = make_agent("http://127.0.0.1:9").start()
    async with client(agent.url, "lane-1", agent.token) as lane, listening(lane) as ear, asyncio.timeout(20):
        await asyncio.to_thread(agent.send, sale("T-1"))
        while (one := await ear.hear()) is not None:
            if one.name == "queue.moved" and one.data["details"]["accepted"] == 1:
                break
        assert one is not None
    assert "queue.moved" not in agent.log.read_text()


def test_every_event_is_on_the_page() -> None:
    package = Path(store_agent.__file__).parent
    found = {
        name for file in package.rglob("*.py") for name in re.findall(r'Event\(\s*f?"([a-z_.{}]+)"', file.read_text())
    }
    told = {name for name in found if "{" not in name}
    assert found - told == {"link.{seen.state.value}", "space.{room.value}"}
    told |= {f"link.{state}" for state in LinkState} | {f"space.{room}" for room in Room}
    rows = re.findall(r"^\| (`.*?) \|", PAGE.read_text(), re.MULTILINE)
    page = {name for row in rows for name in re.findall("`(.*?)`", row)}
    assert page == told
