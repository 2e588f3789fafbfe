"""The screen follows the agent: bursts, an agent that is killed and comes back, one that cannot start."""

import time
from pathlib import Path

from store_agent.sandbox.server import SandboxServer
from tests.support.agent import AgentProcess
from tests.tui.manager import Manager, managing
from tests.tui.stock import empty, sell
from tests.tui.stories import told

BURST = 3_000


async def test_a_burst_is_told_together_and_keys_are_answered(store: AgentProcess, platform: SandboxServer) -> None:
    async with managing(store) as manager:
        await manager.goes_to("8", "EVENT")
        told = 0
        show = manager.app.on_seen

        def counting(message: object) -> None:
            nonlocal told
            told += 1
            show(message)  # type: ignore[arg-type]

        setattr(manager.app, "on_seen", counting)  # noqa: B010 - mypy guards methods
        feed = manager.app._feed
        assert feed is not None
        began = time.monotonic()
        last = feed._last or 0
        from store_agent.local.events import Event

        for number in range(1, BURST + 1):
            feed._take(Event(last + number, time.time(), "burst", f"Number {number}", {}))
            if number % 300 == 0:
                await manager.press("down")
        await manager.until(lambda: manager.app.events[-1]["words"] == f"Number {BURST}")
        await manager.press("home")
        await manager.sees(f"Number {BURST}")
        assert told <= 2 + (time.monotonic() - began) / 0.25, "four a second at most"
        assert len(manager.app.events) <= 1_000


async def test_a_killed_agent_is_told_on_the_whole_screen_and_comes_back(
    store: AgentProcess, platform: SandboxServer
) -> None:
    platform.set_faults(["down"])
    sell(store, ["G-1"])
    async with managing(store, size=(80, 24)) as manager:
        await manager.goes_to("2", "G-1")
        store.kill()
        await manager.sees("✗ THE AGENT DOES NOT ANSWER", "sales that were taken before are safe on this machine.")
        await manager.sees("The agent does not run", "comes back by itself", "q Quit")
        await manager.press("1", "d", "escape", "ctrl+r")
        await manager.sees("✗ THE AGENT DOES NOT ANSWER")
        store.start()
        await manager.sees("G-1", "OFFLINE since")
        await manager.sees_no("DOES NOT ANSWER")
        sell(store, ["G-2"])
        await manager.sees("G-2")
        await manager.until(lambda: "Send now" in manager.keys_offered)
    platform.set_faults([])
    empty(store)


async def test_a_question_is_still_there_when_the_agent_is_back(store: AgentProcess, platform: SandboxServer) -> None:
    platform.set_faults(["down"])
    sell(store, ["Q-1"])
    async with managing(store) as manager:
        await manager.goes_to("2", "Q-1")
        await manager.press("n")
        await manager.sees_dialog("Send now?")
        store.kill()
        await manager.sees("✗ THE AGENT DOES NOT ANSWER")
        platform.set_faults([])
        store.start()
        await manager.sees_dialog("Send now?")
        await manager.press("enter")
        store.wait_for_outbox(waiting=0, frozen=0)
        await leave_by_q(manager)


async def leave_by_q(manager: Manager) -> None:
    await manager.until(lambda: not manager.app.screen.is_modal)
    await manager.press("q")
    assert not manager.app.is_running


async def test_it_begins_without_an_agent_and_is_left_by_q(store: AgentProcess) -> None:
    store.kill()
    async with managing(store) as manager:
        await manager.sees("✗ THE AGENT DOES NOT ANSWER")
        await manager.press("q")
        assert not manager.app.is_running
    store.start()


async def test_the_manager_may_change_things_as_soon_as_the_agent_has_started(tmp_path: Path) -> None:
    with told("starting", tmp_path) as shop:
        async with managing(shop.agent) as manager:
            await manager.sees("The agent is starting")
            assert not manager.app.may_change
            shop.agent.machine.may_open = True
            shop.agent.machine.tell()
            await manager.sees("READY")
            await manager.until(lambda: manager.app.may_change)
