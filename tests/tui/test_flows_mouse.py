"""Everything is reached by the keyboard alone, and by the mouse as well."""

import pytest

from store_agent.sandbox.server import SandboxServer
from store_agent.tui.frame import NavItem
from store_agent.tui.panes.table import PANES
from store_agent.tui.widgets.sale_list import SaleList
from tests.support.agent import AgentProcess
from tests.tui.manager import managing
from tests.tui.stock import sell

SALES = 400


@pytest.fixture(scope="module", autouse=True)
def queue(store: AgentProcess, platform: SandboxServer) -> None:
    platform.set_faults(["down"])
    sell(store, [f"T-{number}" for number in range(1, SALES + 1)])


async def test_every_screen_is_a_key_away_and_gives_the_keys_back(store: AgentProcess) -> None:
    async with managing(store, size=(80, 24)) as manager:
        await manager.sees("Are sales safe?")
        for one in PANES:
            await manager.press(one.key)
            await manager.until(lambda: manager.app.pane is not None and manager.app.pane.id == one.name)  # noqa: B023
            if one.name == "receipts":
                await manager.press("escape")
        await manager.press("question_mark")
        await manager.sees("What the states of a sale mean")
        await manager.press("q")
        assert not manager.app.is_running


async def test_screens_rows_and_the_bar_are_clicked(store: AgentProcess) -> None:
    async with managing(store) as manager:
        await manager.sees("Are sales safe?")
        item = next(one for one in manager.app.query(NavItem) if one.pane == "queue")
        await manager.pilot.click(item)
        await manager.sees("all: 400 sales", "T-400")
        await manager.until(lambda: manager.chosen == SALES)
        await manager.pilot.click(SaleList, offset=(5, 4))
        assert manager.chosen == SALES - 3
        await manager.sees("Sale T-397")
        listed = manager.part(SaleList, "SaleList")
        await manager.pilot.click(SaleList, offset=(listed.size.width - 1, listed.size.height - 1))
        await manager.until(lambda: manager.chosen == 1)
        await manager.pilot.click(SaleList, offset=(listed.size.width - 1, 1))
        await manager.until(lambda: manager.chosen == SALES)
        await manager.pilot.click(SaleList, offset=(listed.size.width - 1, listed.size.height // 2))
        await manager.until(lambda: 150 < (manager.chosen or 0) < 250)


async def test_a_question_is_answered_by_clicks(store: AgentProcess) -> None:
    async with managing(store) as manager:
        await manager.goes_to("2", "T-400")
        await manager.press("n")
        await manager.sees_dialog("Send now?")
        await manager.pilot.click("#leave")
        await manager.until(lambda: not manager.app.screen.is_modal)
        await manager.press("n")
        await manager.sees_dialog("Send now?")
        await manager.pilot.click("#do")
        await manager.until(lambda: not manager.app.screen.is_modal)
        await manager.until(lambda: manager.app._notifications, "what came of it")
