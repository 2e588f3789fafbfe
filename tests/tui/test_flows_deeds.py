"""A manager mends the queue: retry, hold, release, discard, export; the books and the audit prove each."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widgets import Select

from store_agent.sandbox.server import SandboxServer
from store_agent.tui.access import person
from tests.support.agent import AgentProcess
from tests.tui.manager import Manager, managing
from tests.tui.stock import audit, empty, refuse, sell, state


@pytest.fixture(autouse=True)
def mended(store: AgentProcess, platform: SandboxServer) -> Iterator[None]:
    """Leave nothing on the way for the next test."""
    yield
    platform.set_faults([])
    empty(store)


async def look_at(manager: Manager, states: int, *words: str) -> None:
    """Go to the queue and on to a state."""
    await manager.press("2", *(["right_square_bracket"] * states))
    await manager.sees(*words)


async def test_marked_sales_are_retried_and_arrive(store: AgentProcess, platform: SandboxServer) -> None:
    refused = refuse(store, platform, "M-1", "M-2", "M-3")
    platform.set_faults([])
    async with managing(store) as manager:
        await look_at(manager, 5, "refused: 3 sales", "M-3")
        await manager.until(lambda: manager.chosen == refused[0])
        await manager.press("space", "down", "space")
        await manager.sees("2 marked")
        assert sum("●" in row for row in manager.sales) == 2
        await manager.press("r")
        await manager.sees_dialog("Send again?", "2 marked sales", "kept with your name, " + person())
        await manager.write("the platform knows them now")
        await manager.press("enter")
        await manager.sees("2 refused sales go out again.")
        store.wait_for_outbox(parked=1, waiting=0, frozen=0)
        await manager.sees("refused: 1 sale,", "M-2")
        await manager.sees_no("marked")
    assert [state(store, one) for one in refused] == ["delivered", "parked", "delivered"]
    assert audit(store, "retry") == [
        (refused[2], person(), "the platform knows them now"),
        (refused[0], person(), "the platform knows them now"),
    ]


async def test_a_sale_is_held_back_and_released(store: AgentProcess, platform: SandboxServer) -> None:
    platform.set_faults(["down"])
    sell(store, [f"W-{number}" for number in range(200)])
    sequence = store.status()["outbox"]["accepted"]
    async with managing(store) as manager:
        await manager.goes_to("2", "W-199")
        await manager.until(lambda: manager.chosen == sequence)
        await manager.until(lambda: {"Hold", "Send now", "Export"} <= manager.keys_offered)
        assert not {"Retry", "Release", "Discard"} & manager.keys_offered
        await manager.press("h")
        await manager.sees_dialog("Hold back", "They stay on this machine, safe, until you release them")
        await manager.press("enter")
        await manager.sees("1 sale is held back until it is released.", "= held back")
        assert state(store, sequence) == "held"
        await manager.until(lambda: "Release" in manager.keys_offered, "the foot to follow")
        await manager.press("l")
        await manager.sees_dialog("Release")
        await manager.write("the guest is back")
        await manager.press("enter")
        await manager.sees("1 held sale goes out again.")
        assert state(store, sequence) in ("waiting", "frozen")
    assert audit(store, "hold")[0] == (sequence, person(), "")
    assert audit(store, "release")[0] == (sequence, person(), "the guest is back")


async def test_discarding_needs_a_reason_and_the_typed_word(store: AgentProcess, platform: SandboxServer) -> None:
    (sequence,) = refuse(store, platform, "X-1")
    async with managing(store, size=(80, 24)) as manager:
        await look_at(manager, 5, "refused: 1 sale", "X-1")
        await manager.press("d")
        await manager.sees_dialog("Discard", "They NEVER reach the platform", "Why (needed)", "Type “discard”")
        await manager.press("enter", "enter")
        await manager.sees("Say why: it is kept in the books with your name.")
        await manager.fill("#reason", "a test sale")
        await manager.press("enter")
        await manager.write("discart")
        await manager.press("enter")
        await manager.sees("Type “discard” to show that you mean it.")
        assert state(store, sequence) == "parked"
        await manager.press("escape")
        await manager.sees("refused: 1 sale")
        await manager.press("d")
        await manager.sees_dialog("Discard")
        await manager.write("a test sale")
        await manager.press("enter")
        await manager.write("discard")
        await manager.press("enter")
        await manager.sees("1 refused sale was discarded.")
    assert state(store, sequence) == "discarded"
    assert audit(store, "discard")[0] == (sequence, person(), "a test sale")


async def test_all_that_match_are_discarded_and_no_others(store: AgentProcess, platform: SandboxServer) -> None:
    refused = refuse(store, platform, "A-1", "A-2", "B-1")
    async with managing(store) as manager:
        await look_at(manager, 5, "refused: 3 sales")
        await manager.press("slash")
        await manager.sees_dialog("Which sales?")
        await manager.fill("#text", "A-")
        await manager.fill("#older_than", "")
        await manager.press("enter")
        await manager.sees("refused, with “A-”", "A-2")
        await manager.until(lambda: manager.chosen == refused[0])
        await manager.press("d")
        await manager.sees_dialog("Discard?", f"sale {refused[0]:,}")
        manager.part(Select, "#target").focus()
        await manager.press("enter", "down", "enter")
        await manager.sees("all that match the filter")
        await manager.fill("#reason", "tests of the till")
        await manager.fill("#confirmation", "Discard")
        await manager.press("enter")
        await manager.sees("2 refused sales were discarded.")
    assert [state(store, one) for one in refused] == ["discarded", "discarded", "parked"]


async def test_an_export_is_private_whole_and_audited(
    store: AgentProcess, platform: SandboxServer, tmp_path: Path
) -> None:
    platform.set_faults(["down"])
    sell(store, ["E-1", "E-2"])
    last = store.status()["outbox"]["accepted"]
    file = tmp_path / "taken out.jsonl"
    async with managing(store) as manager:
        await manager.goes_to("2", "E-2", "E-1")
        await manager.until(lambda: manager.chosen == last)
        await manager.press("space", "space", "e")
        await manager.sees_dialog("Export 2 marked sales?", "one sale a line as JSON")
        await manager.paste(str(tmp_path))
        await manager.press("enter", "enter")
        await manager.sees("is there already; give another name.")
        manager.app.screen.query_one("#path").focus()
        await manager.pilot.pause()
        await manager.paste(str(file))
        await manager.fill("#reason", "for the accountant")
        await manager.press("enter")
        await manager.is_told(f"2 sales were written to {file}.")
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [(one["sequence"], one["transaction_id"]) for one in lines] == [(last - 1, "E-1"), (last, "E-2")]
    assert json.loads(lines[0]["payload"])["transaction_id"] == "E-1"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {one[0] for one in audit(store, "export")} == {last - 1, last}
    assert {one[1:] for one in audit(store, "export")} == {(person(), "for the accountant")}


async def test_what_cannot_be_written_is_told(store: AgentProcess) -> None:
    sell(store, ["N-1"])
    async with managing(store) as manager:
        await manager.goes_to("2", "N-1")
        await manager.press("e")
        await manager.sees_dialog("Export sale")
        await manager.paste("~nobody-of-that-name/sales.jsonl")
        await manager.press("enter", "enter")
        await manager.sees("~nobody-of-that-name/sales.jsonl cannot be used")
        await manager.fill("#path", "")
        await manager.paste("/nowhere/sales.jsonl")
        await manager.press("enter", "enter")
        await manager.is_told(
            "/nowhere/sales.jsonl cannot be written (No such file or directory); nothing was exported."
        )


async def test_sending_is_tried_now(store: AgentProcess, platform: SandboxServer) -> None:
    platform.set_faults(["status:code=401"])
    sell(store, ["S-1"])
    store.wait_for_link("halted")
    platform.set_faults([])
    async with managing(store) as manager:
        await manager.sees("STOPPED since")
        await manager.press("2", "n")
        await manager.sees_dialog("Send now?", f"Kept with your name, {person()}.")
        await manager.press("escape")
        assert store.status()["link"]["state"] == "halted"
        await manager.press("n")
        await manager.sees_dialog("Send now?")
        await manager.press("enter")
        store.wait_for_outbox(waiting=0, frozen=0)
        await manager.sees("✓ ONLINE since")
    assert audit(store, "drain")[0] == (None, person(), "")
