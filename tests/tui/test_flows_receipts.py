"""A guest with a receipt in hand: its code leads to the sale."""

from collections.abc import Iterator
from typing import Any

import pytest
from textual.widgets import Select

from store_agent.sandbox.server import SandboxServer
from store_agent.tui.widgets.table import Table
from tests.support.agent import COMMAND, AgentProcess
from tests.support.fake_printer import OUT_OF_PAPER, FakePrinter
from tests.support.receipt_printer import printed
from tests.support.sales import payment, sale
from tests.tui.manager import managing
from tests.tui.stock import empty


@pytest.fixture(scope="module")
def counter() -> Iterator[FakePrinter]:
    with FakePrinter(status=OUT_OF_PAPER) as fake:
        yield fake


@pytest.fixture(scope="module")
def store(
    platform: SandboxServer, counter: FakePrinter, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AgentProcess]:
    """Run an agent with a printer without paper for lane-1, and a file for all others."""
    directory = tmp_path_factory.mktemp("store")
    printers: dict[str, dict[str, Any]] = {
        "printers.counter": {"kind": "network", "host": "127.0.0.1", "port": counter.port, "terminals": ["lane-1"]},
        "printers.office": {"kind": "file", "path": str(directory / "office")},
    }
    running = AgentProcess(directory, platform.url, COMMAND, **printers)
    try:
        yield running.start()
    finally:
        running.close()


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


async def test_what_fits_nothing_is_said_to_do_so(store: AgentProcess) -> None:
    async with managing(store) as manager:
        await manager.goes_to("7", "Scan a receipt's code")
        await manager.write("1234")
        await manager.press("enter")
        await manager.sees("! No receipt of this store fits.")
        await manager.write("5c0c6a1e-3d5e-4f0a-9a59-1f6c7b1d2e3f")
        await manager.press("enter")
        await manager.sees("! No receipt of this store fits.")


async def test_a_receipt_is_found_by_its_sale_its_last_digits_or_amount_and_time(store: AgentProcess) -> None:
    for name in ("N-4711", "M-4711"):
        store.send(sale(name, subtotal=30, tax_total=2.5, payments=[payment("P1", amount=32.5)]))
    async with managing(store) as manager:
        await manager.goes_to("7", "Scan a receipt's code")
        await manager.write("N-4711")
        await manager.press("enter")
        await manager.until(lambda: "Sale      N-4711" in manager.text("#receipt-found"))
        assert not manager.part(Table, "#receipts-found").display
        await manager.write("4711")
        await manager.press("enter")
        await manager.until(lambda: manager.part(Table, "#receipts-found").row_count == 2)
        await manager.until(lambda: "Sale      M-4711" in manager.text("#receipt-found"))
        await manager.press("down", "down")  # to the list, and to the second in it
        await manager.until(lambda: "Sale      N-4711" in manager.text("#receipt-found"))
        await manager.press("slash")
        await manager.write("32,50")
        await manager.press("enter")
        await manager.until(lambda: manager.part(Table, "#receipts-found").row_count == 2)
        await manager.write("32.50 2001-01-01 12:00")
        await manager.press("enter")
        await manager.sees("! No receipt of this store fits.")


async def test_a_receipt_is_printed_again_marked_and_audited(store: AgentProcess) -> None:
    (receipt,) = store.send(sale("R-1")).json()["payload"]["receipts"]
    async with managing(store) as manager:
        await manager.goes_to("7", "Scan a receipt's code")
        assert "Print again" not in manager.keys_offered
        await manager.paste(receipt["code"])
        await manager.press("enter")
        await manager.sees("Sale R-1")
        await manager.press("ctrl+p")
        await manager.sees_dialog("Print the receipt of R-1 again?")
        manager.part(Select, "#printer").value = "office"
        await manager.write("the guest lost it")
        await manager.press("enter")
        await manager.is_told(f"Copy of receipt {receipt['code']} was printed by office at ")
    job = printed((store.directory / "office").read_bytes())
    assert b"REPRINT" in b"\n".join(job.lines)
    (drawn,) = job.drawn
    assert drawn["data"] == receipt["url"].encode()
    entry = store.cli_json("audit")["entries"][0]
    assert (entry["action"], entry["reason"]) == ("reprint", f"{receipt['code']}: the guest lost it")


async def test_a_code_whose_guest_is_known_by_now_is_neither_drawn_nor_printed(store: AgentProcess) -> None:
    (receipt,) = store.send(sale("K-1")).json()["payload"]["receipts"]
    store.send(sale("K-1", payments=[payment("P1", user_id="u", user_id_type="Email")]))
    async with managing(store, size=(80, 50)) as manager:
        await manager.goes_to("7", "Scan a receipt's code")
        await manager.paste(receipt["code"])
        await manager.press("enter")
        await manager.sees("Sale K-1", "The guest of this sale is known by now")
        assert "▀" not in manager.text("#receipt-found")
        assert "Print again" not in manager.keys_offered
    done = store.cli("receipt", "reprint", receipt["code"])
    assert done.returncode != 0
    assert "The guest of this sale is known by now" in done.stderr


async def test_printers_show_their_trouble_and_what_waits_is_given_up(
    store: AgentProcess, counter: FakePrinter
) -> None:
    (receipt,) = store.send(sale("W-1")).json()["payload"]["receipts"]
    assert store.client.post(f"/v1/receipts/{receipt['code']}/print").json()["payload"]["state"] == "waiting"
    async with managing(store) as manager:
        await manager.goes_to("7", "Scan a receipt's code")
        await manager.press("escape", "t")
        await manager.sees("! 1 receipt waits for a printer", "counter is out of paper", receipt["code"])
        await manager.press("p")
        await manager.is_told("Test page is not printed yet; it is tried again.")
        await manager.sees("! 2 receipts wait for a printer")
        await manager.press("tab", "x")
        await manager.sees_dialog(f"Give up receipt {receipt['code']}?")
        await manager.press("enter")
        await manager.is_told(f"Receipt {receipt['code']} was not printed and is given up.")
        await manager.sees("! 1 receipt waits for a printer")
        counter.be_well()
        await manager.sees("✓ Nothing waits for a printer.")


async def test_the_field_is_left_so_that_keys_are_orders_again(store: AgentProcess) -> None:
    async with managing(store) as manager:
        await manager.goes_to("7", "Scan a receipt's code")
        await manager.press("2", "escape", "2")
        await manager.sees("STATE", "SALE")
