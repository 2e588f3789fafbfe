"""Terminals are let in and shut out on the screen; what the agent then does proves it."""

import re

from tests.support.agent import AgentProcess
from tests.tui.manager import managing
from tests.tui.stock import asked


async def test_a_terminal_is_added_sells_and_is_shut_out(store: AgentProcess) -> None:
    async with managing(store) as manager:
        await manager.goes_to("9", "1 of 1 terminals may sell.", "lane-1")
        await manager.press("a")
        await manager.sees_dialog("Let a terminal in?")
        await manager.press("enter")
        await manager.sees("Give the terminal a name.")
        await manager.write("lane-4")
        await manager.press("enter")
        await manager.sees_dialog("lane-4 may come in", "It is shown only here and only now:")
        token = manager.text("#token")
        assert re.fullmatch(r"[\w-]{40,}", token)
        with store.client_of("lane-4", token) as till:
            assert till.get("/v1/me").json()["payload"]["name"] == "lane-4"
            await manager.press("enter")
            await manager.sees("2 of 2 terminals may sell.", "lane-4")
            await manager.press("ctrl+r")
            await manager.until(lambda: any("lane-4" in line and "ago)" in line for line in manager.lines), "last seen")
            await manager.press("end", "x")
            await manager.sees_dialog("Shut lane-4 out?", "CANNOT SELL")
            await manager.write("lane-1")
            await manager.press("enter")
            await manager.sees("Type lane-4 to show that you mean it.")
            assert till.get("/v1/me").status_code == 200
            await manager.fill("#confirmation", "lane-4")
            await manager.press("enter")
            await manager.sees("lane-4 is shut out; it cannot sell any more.", "1 of 2 terminals may sell.")
            assert till.get("/v1/me").status_code == 401
    shut = {one["name"]: one["revoked_at"] for one in asked(store, "/v1/terminals")["terminals"]}
    assert shut["lane-1"] is None
    assert shut["lane-4"] is not None


async def test_a_name_that_cannot_be_is_refused_in_words(store: AgentProcess) -> None:
    async with managing(store) as manager:
        await manager.goes_to("9", "terminals may sell.")
        await manager.press("a")
        await manager.write("lane 4; x")
        await manager.press("enter")
        await manager.sees("name")
        await manager.until(lambda: len(manager.app._notifications) == 1, "words of the agent")
    assert "lane 4; x" not in {one["name"] for one in asked(store, "/v1/terminals")["terminals"]}
