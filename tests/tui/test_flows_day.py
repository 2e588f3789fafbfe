"""The business day is closed: when all is sent, with a reason before, or after waiting for the queue."""

from collections.abc import Iterator

import pytest

from store_agent.sandbox.server import SandboxServer
from store_agent.tui.access import person
from tests.support.agent import AgentProcess
from tests.tui.manager import managing
from tests.tui.stock import asked, empty, sell


@pytest.fixture(autouse=True)
def mended(store: AgentProcess, platform: SandboxServer) -> Iterator[None]:
    yield
    platform.set_faults([])
    empty(store)


async def test_with_unfinished_sales_it_is_closed_with_a_reason_only(
    store: AgentProcess, platform: SandboxServer
) -> None:
    platform.set_faults(["down"])
    sell(store, ["U-1", "U-2"])
    number = asked(store, "/v1/day")["number"]
    async with managing(store) as manager:
        await manager.goes_to("4", f"Day {number}, open since", "2 sales keep the day open (21.40)", "U-2")
        await manager.sees("✓ The books balance.")
        await manager.press("c")
        await manager.sees_dialog("Close the day?", "2 sales are unfinished (21.40)", "wait here until they are")
        await manager.press("enter")
        await manager.sees("or close the day with a reason")
        assert asked(store, "/v1/day")["number"] == number
        await manager.write("the line is down since noon")
        await manager.press("enter")
        await manager.sees(f"Day {number} is closed. 2 unfinished sales are carried into the next day.")
        await manager.sees(f"Day {number + 1}, open since", "carried over from before")
    closed = asked(store, "/v1/day")["closed"][0]
    assert (closed["closed_by"], closed["reason"]) == (person(), "the line is down since noon")


async def test_it_is_closed_without_one_once_the_queue_was_sent_meanwhile(
    store: AgentProcess, platform: SandboxServer
) -> None:
    platform.set_faults(["down"])
    sell(store, ["V-1", "V-2"])
    number = asked(store, "/v1/day")["number"]
    async with managing(store, size=(80, 24)) as manager:
        await manager.goes_to("4", "2 sales keep the day open")
        await manager.press("c")
        await manager.sees_dialog("2 are being sent: wait here until they are", "0%")
        platform.set_faults([])
        await manager.sees("All sales of the day are at the platform", "100%")
        await manager.press("enter")
        await manager.sees(f"Day {number} is closed.", "Nothing keeps the day open")
    assert asked(store, "/v1/day")["closed"][0]["reason"] == ""


async def test_it_is_left_open_by_escape(store: AgentProcess) -> None:
    number = asked(store, "/v1/day")["number"]
    async with managing(store) as manager:
        await manager.goes_to("4", f"Day {number}, open")
        await manager.press("c")
        await manager.sees_dialog("Close the day?")
        await manager.press("escape")
        await manager.sees(f"Day {number}, open")
        assert not manager.app.screen.is_modal
    assert asked(store, "/v1/day")["number"] == number
