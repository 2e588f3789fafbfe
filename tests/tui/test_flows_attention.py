"""What the platform refused, by cause: advice, and mending a cause as a whole."""

from collections.abc import Iterator

import pytest

from store_agent.sandbox.server import SandboxServer
from store_agent.tui.access import person
from tests.support.agent import AgentProcess
from tests.tui.manager import managing
from tests.tui.stock import audit, empty, refuse, sell, state


@pytest.fixture(autouse=True)
def mended(store: AgentProcess, platform: SandboxServer) -> Iterator[None]:
    yield
    platform.set_faults([])
    empty(store)


async def test_a_cause_is_mended_at_the_platform_and_all_its_sales_go_again(
    store: AgentProcess, platform: SandboxServer
) -> None:
    sell(store, ["OK-1"])
    store.wait_for_outbox(delivered=1)
    refused = refuse(store, platform, "A-1", "A-2", "A-3")
    async with managing(store) as manager:
        await manager.sees("3 sales were refused by the platform: press 3")
        await manager.goes_to("3", "! 3 sales were refused by the platform, for 1 cause.", "What to do")
        await manager.sees("32.10", "The platform does not know employee 1000.", "Fields that the platform names")
        platform.set_faults([])
        await manager.press("r")
        await manager.sees_dialog("Send again: 3 refused for this cause?")
        await manager.write("Ada was added")
        await manager.press("enter")
        await manager.sees("3 refused sales go out again.")
        await manager.sees("✓ Nothing needs you: the platform refused no sale.")
        store.wait_for_outbox(delivered=4)
    assert [state(store, one) for one in refused] == ["delivered"] * 3
    assert audit(store, "retry") == [(one, person(), "Ada was added") for one in reversed(refused)]


async def test_of_two_causes_the_chosen_one_is_viewed_and_discarded(
    store: AgentProcess, platform: SandboxServer
) -> None:
    first = "refuse:ids=B-1+B-2,message=unknown employee 7,field=pos_employee_id"
    second = "refuse:ids=C-1,message=unknown item 9,field=item_id"
    platform.set_faults([first, second])
    sell(store, ["B-1", "B-2", "C-1"])
    store.wait_for_outbox(parked=3)
    async with managing(store) as manager:
        await manager.goes_to("3", "for 2 causes")
        await manager.sees("The platform does not know employee 7.", "The platform does not know item 9.")
        while "does not know item 9" not in manager.text("#attention-words"):
            await manager.press("down")
        await manager.press("v")
        await manager.sees("refused for: ", "C-1")
        assert sum("B-" in row for row in manager.sales) == 0
        await manager.goes_to("3", "for 2 causes")
        await manager.press("d")
        await manager.sees_dialog("Discard: 1 refused for this cause?")
        await manager.write("a test")
        await manager.press("enter")
        await manager.write("discard")
        await manager.press("enter")
        await manager.sees("1 refused sale was discarded.", "for 1 cause.")
    assert (store.status()["outbox"]["discarded"], store.status()["outbox"]["parked"]) == (1, 2)
