"""A sale of what is not known is taken with a warning, counted, and listed for the manager."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from store_agent.api import named
from store_agent.domain.catalog import Catalog, Item
from store_agent.domain.employees import Employee
from store_agent.errors import StorageFailure
from store_agent.storage.catalog.file import open_catalog
from store_agent.storage.database import Database
from store_agent.storage.employees import open_employees
from tests.conftest import MakeAgent
from tests.support.sales import sale
from tests.support.served import Served, Shifted, serve

CATALOG = Catalog((), (Item("1001", "Iced Tea"),))
STAFF = (Employee("1000", "Ada", "Ångström"), Employee("9", "Bo", "Adams", None, "2026-01-31T23:59:59.999Z"))


@pytest.fixture
async def store(database: Database, tmp_path: Path) -> AsyncIterator[Served]:
    """A store with one item and two employees, one of whom has left."""
    catalog, employees = await open_catalog(tmp_path, Shifted()), await open_employees(tmp_path, Shifted())
    await catalog.replace(CATALOG, "a test")
    await employees.replace(STAFF, "a test")
    async with serve(database, catalog=catalog, employees=employees) as served:
        yield served
    await catalog.close()
    await employees.close()


def selling(name: str, *item_ids: str, **changes: Any) -> dict[str, Any]:
    """Make a sale of 10.00 in all."""
    lines = [{"line_id": str(number), "item_id": one, "subtotal": 0} for number, one in enumerate(item_ids)]
    lines[0]["subtotal"] = 10
    return sale(name, items=lines, **changes)


async def warnings(served: Served, *sales: dict[str, Any]) -> list[tuple[str, str]]:
    """Sell, all in one call if it is several; gives codes and paths of all warnings."""
    batch = {"transactions": list(sales)}
    path, payload = ("batch_transaction", batch) if len(sales) > 1 else ("transaction", sales[0])
    body = json.dumps({"request_payload": payload})
    answer = await served.cashier.post(
        f"/api/2.0/send_{path}", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 200, answer.text
    told = answer.json()["payload"]
    return [(one["code"], one["path"]) for each in told.get("transactions", [told]) for one in each["warnings"]]


async def test_a_sale_of_what_is_known_has_no_warning(store: Served) -> None:
    assert await warnings(store, sale()) == []
    found = await store.ask("/v1/unknown")
    assert (found["words"], found["items"], found["employees"]) == ([], [], [])


async def test_an_unknown_item_is_taken_with_a_warning_and_listed(store: Served) -> None:
    path = "request_payload.items.1.item_id"
    assert await warnings(store, selling("T-1", "1001", "4711")) == [("unknown_item", path)]
    await warnings(store, selling("T-2", "4711", "4712"))
    found = await store.ask("/v1/unknown")
    assert [(one["item_id"], one["sales"]) for one in found["items"]] == [("4711", 2), ("4712", 1)]
    assert found["items"][0]["first_seen_ms"] <= found["items"][0]["last_seen_ms"]
    version = store.catalog.current()
    assert found["catalog_as_of"] == version.as_of / 1000
    day = found["words"][0].partition("catalog of ")[2]
    assert found["words"][0] == f"2 sales name item 4711, which is not in the catalog of {day}"
    assert len(day.split()) == 2


async def test_a_catalog_of_a_past_year_is_named_with_its_year(store: Served) -> None:
    store.clock.ahead = 400 * 86_400.0
    await warnings(store, selling("T-1", "4711"))
    (words,) = (await store.ask("/v1/unknown"))["words"]
    assert len(words.partition("catalog of ")[2].split()) == 3


@pytest.mark.parametrize(
    ("employee_id", "fault"), [("9", "employee_not_active"), ("10", "unknown_employee"), ("1000", None), ("", None)]
)
async def test_an_employee_who_does_not_work_here_is_warned_of(
    store: Served, employee_id: str, fault: str | None
) -> None:
    found = await warnings(store, sale(pos_employee_id=employee_id))
    assert ((fault, "request_payload.pos_employee_id") in found) == (fault is not None)
    listed = [(one["employee_id"], one["fault"]) for one in (await store.ask("/v1/unknown"))["employees"]]
    assert listed == ([(employee_id, fault)] if fault else [])


async def test_an_employee_who_still_worked_here_then_is_not_warned_of(store: Served) -> None:
    then = {"open_time": "2026-01-31T10:00:00.000Z", "modified_time": "2026-01-31T10:05:00.000Z"}
    assert await warnings(store, sale(pos_employee_id="9", **then)) == []


async def test_the_sales_of_a_call_are_looked_up_together(store: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[set[str]] = []
    missing = store.catalog.missing

    async def noted(item_ids: Any) -> Any:
        asked.append(set(item_ids))
        return await missing(item_ids)

    monkeypatch.setattr(store.catalog, "missing", noted)
    found = await warnings(store, selling("T-1", "1001"), selling("T-2", "4711"), selling("T-3", "1001", "4712"))
    assert found == [
        ("unknown_item", "request_payload.transactions.1.items.0.item_id"),
        ("unknown_item", "request_payload.transactions.2.items.1.item_id"),
    ]
    assert asked == [{"1001", "4711", "4712"}]
    await warnings(store, selling("T-4", "1001"))
    assert len(asked) == 1, "what is known was asked for again"


async def test_a_new_catalog_is_what_counts_from_then_on(store: Served) -> None:
    await warnings(store, sale("T-1"))
    await store.catalog.replace(Catalog((), (Item("4711", "Iced Coffee"),)), "a test")
    assert await warnings(store, selling("T-2", "4711")) == []
    assert await warnings(store, sale("T-3")) == [("unknown_item", "request_payload.items.0.item_id")]


async def test_what_a_new_list_knows_leaves_the_list(store: Served) -> None:
    await warnings(store, selling("T-1", "4711", "4712", pos_employee_id="9"))
    await warnings(store, sale("T-2", pos_employee_id="10"))
    await store.catalog.replace(replace(CATALOG, items=(*CATALOG.items, Item("4711", "Iced Coffee"))), "a test")
    await store.employees.replace((*STAFF, Employee("10", "Çağla", "Müller")), "a test")
    found = await store.ask("/v1/unknown")
    assert [one["item_id"] for one in found["items"]] == ["4712"]
    assert [one["employee_id"] for one in found["employees"]] == ["9"]


async def test_a_repeated_sale_is_answered_as_before_and_counts_once_G9(store: Served) -> None:
    unknown = await warnings(store, selling("T-1", "4711"))
    assert unknown == [("unknown_item", "request_payload.items.0.item_id")]
    assert await warnings(store, selling("T-1", "4711")) == unknown
    assert [one["sales"] for one in (await store.ask("/v1/unknown"))["items"]] == [1]
    assert await warnings(store, sale("T-2")) == []
    await store.catalog.replace(Catalog((), (Item("4711", "Iced Coffee"),)), "a test")
    assert await warnings(store, selling("T-1", "4711")) == unknown
    assert await warnings(store, sale("T-2")) == []
    assert (await store.ask("/v1/unknown"))["items"] == []
    await store.catalog.replace(CATALOG, "a test")
    assert await warnings(store, selling("T-1", "4711")) == unknown
    assert (await store.ask("/v1/unknown"))["items"] == []
    assert await store.states() == ["waiting", "waiting"]


async def test_a_sale_that_differs_is_held_against_the_new_catalog_G9(store: Served) -> None:
    """The control: it is the repetition that brings the first answer back."""
    assert await warnings(store, selling("T-1", "4711")) != []
    await store.catalog.replace(Catalog((), (Item("4711", "Iced Coffee"),)), "a test")
    assert await warnings(store, selling("T-1", "4711", channel="WEB")) == []


async def test_without_a_catalog_nothing_is_warned_of(served: Served) -> None:
    assert await warnings(served, selling("T-1", "4711", pos_employee_id="10")) == []
    assert (await served.ask("/v1/unknown"))["catalog_as_of"] is None


async def hang(_: Any) -> Any:
    await asyncio.Event().wait()


def failing(problem: Exception) -> Any:
    async def fail(_: Any) -> Any:
        raise problem

    return fail


@pytest.mark.parametrize("trouble", [failing(StorageFailure("The disk failed.")), hang])
@pytest.mark.parametrize("look_up", ["missing", "employee"])
async def test_a_look_up_that_fails_or_hangs_keeps_no_sale_out(
    store: Served, look_up: str, trouble: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(named, "ASK_SECONDS", 0.01)
    monkeypatch.setattr(store.catalog if look_up == "missing" else store.employees, look_up, trouble)
    assert await warnings(store, selling("T-1", "4711", pos_employee_id="10")) == []
    assert await store.states() == ["waiting"]


async def test_a_look_up_that_is_a_bug_would_be_noticed(store: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the catalog really is asked on the way in, and what may fail there is all that is let pass."""
    monkeypatch.setattr(store.catalog, "missing", failing(ZeroDivisionError()))
    answer = await store.cashier.post("/api/2.0/send_transaction", json={"request_payload": selling("T-1", "4711")})
    assert answer.status_code == 500
    assert await store.states() == []


async def test_ids_that_no_list_can_have_harm_neither_sale_nor_lists(store: Served) -> None:
    for number, odd in enumerate(["\ud800", "a\x00b", " "]):
        assert await warnings(store, selling(f"T-{number}", odd, pos_employee_id=odd)) == []
    assert store.catalog.trouble is None
    assert await warnings(store, selling("T-9", "4711")) != []


async def test_an_id_that_no_text_can_hold_is_not_asked_for_by_the_catalog_either(
    store: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite gives half of a surrogate pair back as what is no text, which would look like damage."""
    monkeypatch.setattr(named, "items_of", lambda sale: dict.fromkeys(sale.item_ids, 0))
    await warnings(store, selling("T-1", "\ud800"))
    assert store.catalog.trouble is None


async def test_the_status_tells_in_a_sentence(store: Served) -> None:
    await warnings(store, selling("T-1", "4711", pos_employee_id="10"))
    words = (await store.ask("/v1/status"))["words"]
    assert [one for one in words if one.startswith("1 item that was sold is not in the catalog")]
    assert [one for one in words if one.startswith("1 employee who sold")]


async def test_a_status_while_the_catalog_cannot_be_read_is_a_status(
    store: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    await warnings(store, selling("T-1", "4711"))
    monkeypatch.setattr(store.catalog, "missing", failing(StorageFailure("The disk failed.")))
    assert (await store.ask("/v1/status"))["words"]


def test_the_command_prints_what_is_unknown(make_agent: MakeAgent, tmp_path: Path) -> None:
    agent = make_agent("http://127.0.0.1:9").start()
    assert "There is no catalog here yet." in agent.cli("catalog", "unknown").stdout
    file = tmp_path / "catalog.json"
    file.write_text(json.dumps({"items": [{"item_id": "1001", "name": "Iced Tea"}], "categories": []}))
    taken = agent.cli("catalog", "import", str(file))
    assert taken.returncode == 0, taken.stderr
    assert agent.cli("catalog", "unknown").stdout.startswith("No sale since the agent started named anything")
    agent.send(selling("T-1", "4711"))
    assert agent.cli("catalog", "unknown").stdout.startswith("1 sale names item 4711, which is not in the catalog of ")
    (item,) = agent.cli_json("catalog", "unknown")["items"]
    assert (item["item_id"], item["sales"]) == ("4711", 1)
