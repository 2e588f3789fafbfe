"""Who may come in, and as what: over the managers' socket, as a cashier who looks only, or with a typed token."""

from pathlib import Path
from typing import Any

from store_agent.sandbox.server import SandboxServer
from store_agent.storage.control import read_token
from tests.conftest import MakeAgent
from tests.support.accounts import needs_root, public_directory
from tests.support.agent import AgentProcess
from tests.tui.manager import managing
from tests.tui.stock import empty, refuse, sell

CHANGES = {"Send now", "Retry", "Hold", "Release", "Discard", "Export", "Close the day", "Upload again", "Add"}


@needs_root
async def test_over_the_managers_socket_no_token_is_needed(make_agent: MakeAgent, platform: SandboxServer) -> None:
    with public_directory() as public:
        path = public / "managers.sock"
        store = make_agent(platform.url, api={"socket": str(path)}).start()
        sell(store, ["U-1"])
        async with managing(Path("/nowhere/config.toml"), socket=path) as manager:
            await manager.sees("ONLINE", "store 1234x")
            await manager.goes_to("2", "U-1")
            await manager.until(lambda: "Send now" in manager.keys_offered)
            assert manager.app.may_change


def cashier(directory: Path, store: AgentProcess) -> dict[str, Any]:
    file = directory / "token"
    file.write_text(store.token + "\n")
    return {"terminal": "lane-1", "token_file": file}


async def test_a_cashier_looks_and_changes_nothing(
    store: AgentProcess, platform: SandboxServer, tmp_path: Path
) -> None:
    refuse(store, platform, "C-1")
    async with managing(store, **cashier(tmp_path, store)) as manager:
        await manager.sees("looking only", "1 sale was refused by the platform")
        for key, words in {"2": "C-1", "3": "1 cause", "4": "Day 1", "5": "Catalog:", "6": "Employees:"}.items():
            await manager.goes_to(key, words)
            assert not CHANGES & manager.keys_offered
            await manager.press("d", "r", "n", "c", "u", "e")
            assert not manager.app.screen.is_modal
        await manager.goes_to("9", "Only the manager sees the terminals.")
        await manager.press("a", "x")
        assert not manager.app.screen.is_modal
        await manager.press("8", "t")
        await manager.until(lambda: manager.part(type(manager.app.query_one("#log-audit")), "#log-audit").display)
        assert not manager.app._notifications, "nothing was asked that a cashier may not ask"
        assert manager.app.query_one("#log-audit").row_count == 0  # type: ignore[attr-defined]
    assert store.status()["outbox"]["parked"] == 1
    platform.set_faults([])
    empty(store)


async def test_a_wrong_token_is_asked_for_again_until_it_is_right(store: AgentProcess, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("not the token")
    async with managing(store, terminal="lane-1", token_file=file) as manager:
        await manager.sees_dialog("Who are you?", "Its token")
        await manager.press("q", "2")
        assert manager.app.is_running, "keys are letters here"
        await manager.write("manager")
        await manager.press("enter")
        await manager.paste("still not")
        await manager.press("enter")
        await manager.until(lambda: manager.app.screen.is_modal and not manager.app.screen.query_one("#name").value)  # type: ignore[attr-defined]
        await manager.sees_dialog("Who are you?")
        token = read_token(store.directory / "data")
        assert token is not None
        assert token not in manager.seen
        await manager.write("manager")
        await manager.press("enter")
        await manager.paste(token)
        assert token not in manager.seen
        await manager.press("enter")
        await manager.sees("✓", "Are sales safe?", "store 1234x")
        await manager.until(lambda: not manager.app.screen.is_modal)
        assert manager.app.may_change


async def test_the_login_is_left_by_escape(store: AgentProcess, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("not the token")
    async with managing(store, terminal="lane-1", token_file=file) as manager:
        await manager.sees_dialog("Who are you?")
        await manager.press("escape")
        await manager.until(lambda: not manager.app.is_running)
    assert manager.app.return_value is None


async def test_a_token_file_that_cannot_be_read_ends_it_with_words(store: AgentProcess, tmp_path: Path) -> None:
    async with managing(store, terminal="lane-1", token_file=tmp_path / "nothing") as manager:
        await manager.until(lambda: not manager.app.is_running)
    assert "nothing cannot be read (No such file or directory)." in str(manager.app.return_value)
