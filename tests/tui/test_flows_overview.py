"""The overview answers the manager's four questions, whatever the line does."""

from store_agent.sandbox.server import SandboxServer
from tests.support.agent import AgentProcess
from tests.support.sales import sale
from tests.tui.manager import managing
from tests.tui.stock import sell


async def test_the_four_questions_are_answered_through_an_outage(store: AgentProcess, platform: SandboxServer) -> None:
    store.send(sale("T-0"))
    store.wait_for_outbox(delivered=1)
    async with managing(store) as manager:
        await manager.sees("✓ ONLINE since", "Are sales safe?", "✓ Yes.", "None. All sales are at the platform.")
        await manager.sees("Online since", "Nothing. The agent does its work by itself.", "store 1234x")
        platform.set_faults(["down"])
        sell(store, [f"T-{number}" for number in range(1, 1_501)])
        await manager.sees("… OFFLINE since", "1,500 sales wait (16,050.00), the oldest since")
        await manager.sees("✓ Yes.", "will be sent when the line returns")
        await manager.sees("Offline since", "The agent keeps trying by itself.")
        platform.set_faults(["slow:ms=400"])
        await manager.sees("ONLINE", "Sending", "sales/s, done in about", "%")
        await manager.until(lambda: any(set("▂▃▄▅▆▇") & set(line) for line in manager.lines), "a picture of the pace")
        platform.set_faults([])
        store.wait_for_outbox(delivered=1_501)
        await manager.sees("✓ ONLINE", "None. All sales are at the platform.")
        await manager.sees_no("sales/s")


async def test_a_line_that_needs_somebody_names_the_cure(store: AgentProcess, platform: SandboxServer) -> None:
    platform.set_faults(["status:code=401"])
    store.send(sale("H-1"))
    store.wait_for_link("halted")
    async with managing(store, size=(80, 24)) as manager:
        await manager.sees("! STOPPED since", "✓ Yes.", "will be sent once this is mended", "Sending stopped at", "1. ")
        cure = store.status()["link"]["cure"]
        assert cure in manager.text("#answer-to-do")
        platform.set_faults([])
        await manager.goes_to("2", "H-1")
        await manager.press("n")
        await manager.sees_dialog("Send now?", "Nothing is sent twice.")
        await manager.press("enter")
        store.wait_for_outbox(waiting=0, frozen=0)
        await manager.goes_to("1", "✓ ONLINE", "Nothing. The agent does its work by itself.")
