"""What happened, what people did, and damage that somebody has to confirm."""

import sqlite3
from contextlib import closing
from pathlib import Path

from store_agent.domain.repair import Action
from store_agent.sandbox.server import SandboxServer
from store_agent.tui.access import person
from store_agent.tui.panes.log import DEED_WORDS
from tests.support.agent import AgentProcess
from tests.tui.manager import managing
from tests.tui.stock import asked, empty, ordered, sell


def test_there_are_words_for_everything_that_people_do() -> None:
    assert set(DEED_WORDS) == {action.value for action in Action}


async def test_events_are_shown_and_filtered_and_the_audit_is_beside_them(
    store: AgentProcess, platform: SandboxServer
) -> None:
    platform.set_faults(["down"])
    sell(store, ["L-1"])
    store.wait_for_link("backing_off")
    platform.set_faults([])
    empty(store)
    async with managing(store) as manager:
        await manager.goes_to("8", "link.backing_off", "link.online")
        await manager.press("slash")
        await manager.write("backing")
        await manager.sees("link.backing_off")
        await manager.sees_no("link.online")
        await manager.press("escape", "t")
        await manager.sees("WHO", "the test", "had all sent now", "for a test")
        await manager.press("t")
        await manager.sees("link.backing_off")
        ordered(store, "/v1/outbox/drain", reason="once more")
        await manager.press("t", "ctrl+r")
        await manager.sees("once more")


async def test_damage_is_confirmed_with_what_came_of_it(store: AgentProcess, platform: SandboxServer) -> None:
    platform.set_faults(["down"])
    sell(store, [f"D-{number}" for number in range(20)])
    assert store.stop() == 0
    spoil(store.directory / "data" / "store-agent.db")
    platform.set_faults([])
    store.start()
    async with managing(store) as manager:
        await manager.sees("! ", "The database of this machine was damaged", "Press 8, then k, to confirm it.")
        await manager.press("8")
        await manager.until(lambda: "Confirm damage" in manager.keys_offered)
        await manager.press("k")
        await manager.sees_dialog("Confirm damage?", "The database of this machine was damaged")
        await manager.press("enter")
        await manager.sees("Say what came of it")
        assert len(asked(store, "/v1/status")["incidents"]) == 1
        await manager.write("compared with the tills")
        await manager.press("enter")
        await manager.is_told("Confirmed; it is shown no more and stays in the database.")
        await manager.until(lambda: "Confirm damage" not in manager.keys_offered, "the foot to follow")
    assert asked(store, "/v1/status")["incidents"] == []
    with closing(sqlite3.connect(store.directory / "data" / "store-agent.db")) as database:
        noted = database.execute("SELECT acknowledged_by, reason FROM incident").fetchall()
    assert noted == [(person(), "compared with the tills")]


def spoil(database: Path) -> None:
    """Make the header of the file unreadable."""
    with database.open("r+b") as file:
        file.write(b"\xa5" * 100)
