"""A guest with a receipt in hand: its code leads to the sale."""

import pytest

from store_agent.sandbox.server import SandboxServer
from tests.support.agent import AgentProcess
from tests.support.sales import sale
from tests.tui.manager import managing
from tests.tui.stock import empty

pytestmark = pytest.mark.xdist_group("flows_receipts")


async def test_a_code_is_scanned_or_typed_and_its_sale_found(store: AgentProcess, platform: SandboxServer) -> None:
    (receipt,) = store.send(sale("G-1")).json()["payload"]["receipts"]
    store.wait_for_outbox(delivered=1)
    async with managing(store, size=(80, 50)) as manager:
        await manager.goes_to("7", "Scan a receipt's code, or type it, then Enter")
        await manager.paste(receipt["url"])  # a scanner types, and ends with Enter
        await manager.press("enter")
        await manager.sees("This sale is at the platform since", "✓ at the platform", "10.70", "lane-1", "▀")
        assert receipt["code"] in manager.text("#receipt-found")
        platform.set_faults(["down"])
        (other,) = store.send(sale("G-2")).json()["payload"]["receipts"]
        await manager.write(other["code"].upper())
        await manager.press("enter")
        await manager.sees("Sale G-2")
        await manager.sees_no("Sale G-1")
    platform.set_faults([])
    empty(store)


async def test_a_code_of_no_sale_is_said_to_be_so(store: AgentProcess) -> None:
    async with managing(store) as manager:
        await manager.goes_to("7", "Scan a receipt's code")
        await manager.write("1234")
        await manager.press("enter")
        await manager.until(lambda: manager.text("#receipt-found").startswith("! "))
        await manager.write("5c0c6a1e-3d5e-4f0a-9a59-1f6c7b1d2e3f")
        await manager.press("enter")
        await manager.sees("! ", "5c0c6a1e")


async def test_the_field_is_left_so_that_keys_are_orders_again(store: AgentProcess) -> None:
    async with managing(store) as manager:
        await manager.goes_to("7", "Scan a receipt's code")
        await manager.press("2", "escape", "2")
        await manager.sees("STATE", "SALE")
