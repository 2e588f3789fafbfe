"""A manager looks through a queue of 2,000: pages, filters, order, numbers, details; and little of it is fetched."""

import json
import time
from typing import Any

import pytest
from textual.widgets import Input

from store_agent.sandbox.server import SandboxServer
from store_agent.tui.calls import Calls
from store_agent.tui.widgets.sale_detail import SaleDetail
from store_agent.tui.widgets.sale_list import SaleList
from store_agent.tui.window import PAGE, Ask, SalePage
from tests.support.agent import AgentProcess
from tests.support.sales import payment, sale
from tests.tui.manager import Manager, managing
from tests.tui.stock import sell, stock

WAITING = 2_000
REFUSED = ("R-1", "R-2")
FIRST_WAITING = 4
ALL = WAITING + FIRST_WAITING - 1


@pytest.fixture(scope="module", autouse=True)
def queue(store: AgentProcess, platform: SandboxServer) -> None:
    """Two were refused and one arrived before the line broke; then 2,000 came, of 1.70 to 2,000.70."""
    platform.set_faults(["refuse:ids=R-1+R-2,message=unknown employee 1000,field=pos_employee_id"])
    sell(store, [*REFUSED, "D-1"], payments=[payment("P1"), payment("P2")])
    store.wait_for_outbox(delivered=1, parked=2)
    platform.set_faults(["down"])
    stock(store, [sale(f"T-{number}", subtotal=number) for number in range(1, WAITING + 1)])


class Asked:
    """Notes the pages that are asked for."""

    def __init__(self) -> None:
        self.asks: list[Ask] = []

    def __call__(self, calls: Calls) -> None:
        page = calls.page

        async def noting(ask: Ask, filters: dict[str, str]) -> SalePage:
            self.asks.append(ask)
            return await page(ask, filters)

        setattr(calls, "page", noting)  # noqa: B010 - mypy guards methods

    @property
    def pages(self) -> set[tuple[int | None, int | None]]:
        """The pages, whatever was asked once more because time went by."""
        return {(ask.after, ask.before) for ask in self.asks}


def visible(manager: Manager) -> list[int]:
    listed = manager.part(SaleList, "SaleList")
    window = listed.window
    return [row["sequence"] for row in window.rows[window.top : window.top + listed.rows_high]]


async def leaf(manager: Manager, key: str, end: int) -> list[int]:
    """Page until the cursor is on a sequence; gives every sequence that was seen, in the order of its being seen."""
    step = 1 if key == "pagedown" else -1
    limit = time.monotonic() + 120
    seen: dict[int, None] = dict.fromkeys(visible(manager)[::step])
    while manager.chosen != end:
        assert time.monotonic() < limit, f"did not come to {end} from {manager.chosen}"
        await manager.press(key)
        seen |= dict.fromkeys(visible(manager)[::step])
    return list(seen)


async def test_all_are_leafed_through_down_and_up_and_fetched_once(store: AgentProcess) -> None:
    asked = Asked()
    async with managing(store, calls=asked, size=(100, 84)) as manager:
        await manager.goes_to("2", "2,003 sales", "newest first", "T-2000")
        await manager.until(lambda: manager.chosen == ALL)
        assert len(asked.pages) <= 3, "only what is seen is fetched"
        assert await leaf(manager, "pagedown", 1) == list(range(ALL, 0, -1))
        pages = ALL // PAGE + 1
        assert len(asked.pages) <= 2 * pages
        assert await leaf(manager, "pageup", ALL) == list(range(1, ALL + 1))


async def test_the_other_end_is_reached_without_what_is_between(store: AgentProcess) -> None:
    asked = Asked()
    async with managing(store, calls=asked) as manager:
        await manager.goes_to("2", "T-2000")
        await manager.until(lambda: manager.chosen == ALL)
        before = len(asked.pages)
        await manager.press("end")
        await manager.until(lambda: manager.chosen == 1)
        await manager.sees("R-1", "! refused")
        await manager.press("home")
        await manager.until(lambda: manager.chosen == ALL)
        assert len(asked.pages) - before <= 6
        assert len(manager.part(SaleList, "SaleList").window.rows) <= 2 * PAGE


async def test_a_number_is_gone_to(store: AgentProcess) -> None:
    async with managing(store) as manager:
        await manager.goes_to("2", "T-2000")
        await manager.press("g")
        await manager.sees_dialog("Go to which sale?")
        await manager.write("0")
        await manager.press("enter")
        await manager.sees("Give a whole number from 1 on.")
        await manager.write("1,003")
        await manager.press("enter")
        await manager.until(lambda: manager.chosen == 1_003)
        await manager.sees("T-1000")
        await manager.press("g")
        await manager.write("7")
        await manager.press("escape")
        assert manager.chosen == 1_003


async def test_the_order_is_turned(store: AgentProcess) -> None:
    async with managing(store) as manager:
        await manager.goes_to("2", "newest first", "T-2000")
        await manager.press("o")
        await manager.sees("oldest first", "R-1")
        await manager.until(lambda: manager.chosen == 1)
        await manager.press("end")
        await manager.until(lambda: manager.chosen == ALL)
        await manager.press("o")
        await manager.sees("newest first")
        await manager.until(lambda: visible(manager)[0] == ALL)


async def test_states_are_gone_through_by_keys(store: AgentProcess) -> None:
    async with managing(store) as manager:
        await manager.goes_to("2", "all: 2,003 sales")
        for words in ("on the way: 2,000 sales", "waits: ", "being sent: ", "held back: 0 sales", "refused: 2 sales"):
            await manager.press("right_square_bracket")
            await manager.sees(words)
        await manager.until(lambda: visible(manager) == [1, 2])
        await manager.press("right_square_bracket")
        await manager.sees("at the platform: 1 sale,", "D-1")
        await manager.press("left_square_bracket")
        await manager.sees("refused: 2 sales", "R-2")
        await manager.press("left_square_bracket")
        await manager.sees("held back: 0 sales", "No sales here.")


async def ask_for(manager: Manager, **fields: str) -> None:
    """Fill the question about filters in, by keys alone."""
    await manager.press("slash")
    await manager.sees_dialog("Which sales?")
    for name, text in fields.items():
        await manager.fill(f"#{name}", text)
    await manager.fill("#older_than", fields.get("older_than", manager.part(Input, "#older_than").value))
    await manager.press("enter")


async def test_sales_are_looked_for(store: AgentProcess) -> None:
    async with managing(store) as manager:
        await manager.goes_to("2", "all: 2,003 sales")
        await ask_for(manager, amount_min="1,998", amount_max="1999.70")
        await manager.sees("from 1,998.00, up to 1,999.70")
        await manager.until(lambda: visible(manager) == [ALL - 1, ALL - 2])
        await ask_for(manager, amount_min="", amount_max="", text="T-77")
        await manager.sees("with “T-77”")
        await manager.until(lambda: set(visible(manager)) == {80, *range(773, 783)})
        await ask_for(manager, text="", terminal="lane-9")
        await manager.sees("lane lane-9", "No sales here.")
        await ask_for(manager, terminal="lane-1", older_than="1d")
        await manager.sees("lane lane-1, older than 1d", "No sales here.")
        await ask_for(manager, older_than="", younger_than="1h")
        await manager.until(lambda: manager.chosen == ALL)


async def test_what_is_no_filter_is_refused_beside_the_fields(store: AgentProcess) -> None:
    async with managing(store) as manager:
        await manager.goes_to("2", "all: 2,003 sales")
        await ask_for(manager, older_than="soon")
        await manager.sees("“soon” is no length of time; write it like 90s, 15min, 2h or 3d.")
        await manager.fill("#amount_min", "much")
        await manager.fill("#older_than", "")
        await manager.press("enter")
        await manager.sees("“much” is no amount; write it like 10 or 10.50.")
        await manager.press("escape")
        await manager.sees("all: 2,003 sales")


async def test_a_state_is_chosen_in_the_question_by_keys(store: AgentProcess) -> None:
    async with managing(store) as manager:
        await manager.goes_to("2", "all: 2,003 sales")
        await manager.press("slash")
        await manager.sees_dialog("Which sales?")
        await manager.press("shift+tab", "enter", "end", "up", "up", "up", "enter")
        await manager.press("tab", "tab", "tab", "tab", "tab", "tab", "enter")
        await manager.sees("refused: 2 sales")


async def test_a_sale_is_shown_as_receipt_history_codes_and_json(store: AgentProcess) -> None:
    async with managing(store) as manager:
        await manager.goes_to("2", "all: 2,003 sales")
        await manager.press("end")
        await manager.until(lambda: manager.chosen == 1)
        await manager.sees("Sale R-1", "Employee 1000", "1 x 1001", "10.00")
        await manager.press("t")
        await manager.sees("! REFUSED", "The platform refused it.", "Taken from lane-1", "Tried: ", "unknown employee")
        await manager.press("t")
        await manager.sees("Payment P1:", "https://rewards.example.com/r/", "Payment P2:", "▀")
        codes = [one["code"] for one in store.cli_json("outbox", "show", "1")["receipts"]]
        assert len(codes) == 2
        assert all(code in manager.text("#detail-codes") for code in codes)
        await manager.press("t")
        await manager.sees('"transaction_id": "R-1"')
        kept = json.loads(store.cli_json("outbox", "show", "1")["payload"])
        assert json.loads(manager.text("#detail-json")) == kept
        await manager.press("t")
        await manager.sees("Sale R-1")


async def test_on_a_narrow_screen_details_take_the_place_of_the_list(store: AgentProcess) -> None:
    async with managing(store, size=(80, 24)) as manager:
        await manager.goes_to("2", "all: 2,003 sales", "T-2000")
        assert not manager.part(SaleDetail, "SaleDetail").display
        await manager.press("enter")
        await manager.sees("Sale T-2000", "Employee 1000")
        await manager.sees_no("T-1999")
        await manager.press("t")
        await manager.sees("… WAITS")
        await manager.press("escape")
        await manager.sees("T-1999")
        await manager.press("down")
        assert manager.chosen == ALL - 1


async def test_details_that_nobody_sees_are_not_asked_for(store: AgentProcess) -> None:
    looked: list[int] = []

    def noting(calls: Calls) -> None:
        sale = calls.sale

        async def noted(sequence: int) -> dict[str, Any]:
            looked.append(sequence)
            return await sale(sequence)

        setattr(calls, "sale", noted)  # noqa: B010 - mypy guards methods

    async with managing(store, calls=noting, size=(80, 24)) as manager:
        await manager.goes_to("2", "T-2000")
        await manager.press("down", "down", "ctrl+r")
        await manager.until(lambda: manager.chosen == ALL - 2)
        assert looked == []
        await manager.press("enter")
        await manager.until(lambda: ALL - 2 in looked)
