"""Catalog and employees: which version, search, what a version changed, what is not known, and uploading again."""

import json
from pathlib import Path

from store_agent.sandbox.server import SandboxServer
from tests.support.agent import AgentProcess
from tests.support.sales import sale
from tests.tui.manager import managing

FIRST = "item_id,name,sku\n1001,Iced Tea,TEA-1\n1002,Crème brûlée,DES-7\n1003,Wine gums,WIN-1\n"
SECOND = "item_id,name,sku\n1001,Iced Green Tea,TEA-1\n1002,Crème brûlée,DES-7\n1004,Ginger,GIN-1\n"
STAFF = "employee_id,first_name,last_name\n7,Ada,Ångström\n8,Bo,Adams\n"


def bring_in(store: AgentProcess, kind: str, text: str, directory: Path) -> None:
    file = directory / f"{kind}.csv"
    file.write_text(text, encoding="utf-8")
    done = store.cli(kind, "import", str(file))
    assert done.returncode == 0, done.stderr


def uploads(platform: SandboxServer, call: str) -> list[dict[str, object]]:
    requests = platform.account(bodies=True)["requests"]
    return [json.loads(one["body"]) for one in requests if one["endpoint"] == call and one["status"] == 200]


async def test_a_catalog_is_searched_compared_and_uploaded_again(
    store: AgentProcess, platform: SandboxServer, tmp_path: Path
) -> None:
    async with managing(store) as manager:
        await manager.goes_to("5", "Catalog: none was ever imported")
        bring_in(store, "catalog", FIRST, tmp_path)
        bring_in(store, "catalog", SECOND, tmp_path)
        await manager.sees("3 items", "uploaded")
        await manager.press("slash")
        await manager.write("creme")
        await manager.sees("1002", "Crème brûlée", "DES-7")
        await manager.write("tea")
        await manager.sees("Iced Green Tea")
        await manager.sees_no("Crème brûlée")
        await manager.press("escape", "t")
        await manager.sees("VERSION", "CHANGED")
        await manager.sees("name: Iced Tea → Iced Green Tea", "Ginger", "Wine gums")
        await manager.press("t")
        await manager.sees("✓ Since the agent started, sales named no item that is not known here.")
        assert store.send(sale("K-1", items=[sale()["items"][0] | {"item_id": "7777"}])).status_code == 200
        await manager.press("ctrl+r")
        await manager.sees("7777")
        await manager.sees_no("sales named no item")
        before = len(uploads(platform, "upload_catalog"))
        await manager.press("u")
        await manager.sees("It is uploaded as soon as the line allows.")
        await manager.until(lambda: len(uploads(platform, "upload_catalog")) == before + 1, "the upload")


async def test_employees_are_searched_and_strangers_listed(store: AgentProcess, tmp_path: Path) -> None:
    bring_in(store, "employees", STAFF, tmp_path)
    assert store.send(sale("K-2", pos_employee_id="4242")).status_code == 200
    async with managing(store, size=(80, 24)) as manager:
        await manager.goes_to("6", "2 employees")
        await manager.press("slash")
        await manager.write("angstrom")
        await manager.sees("Ada Ångström")
        await manager.sees_no("Bo Adams")
        await manager.press("escape", "t", "t")
        await manager.sees("4242")
