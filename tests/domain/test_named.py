"""What a sale names that is not known is told by item and line, and by employee and time."""

import json
from typing import Any

import pytest

from store_agent.domain.employees import Employee
from store_agent.domain.jsontext import ObjectText, read_root
from store_agent.domain.named import (
    WARNINGS_MAX,
    Fault,
    employee_of,
    employee_warning,
    employee_words,
    fault_of,
    item_warnings,
    item_words,
    items_of,
    moment_of,
    status_words,
)
from store_agent.domain.sightings import Sightings
from store_agent.domain.transaction import Sale, read_sale
from tests.support.sales import sale

BO = Employee("4", "Bo", "Adams", "2024-01-01T00:00:00.000Z", "2024-06-30T23:59:59.999Z")


def read(transaction_id: str = "T-1", *item_ids: str | None, **changes: Any) -> Sale:
    fields = sale(transaction_id, items=[{"line_id": "1", "item_id": item_id} for item_id in item_ids], **changes)
    text = json.dumps(fields)
    return read_sale(
        ObjectText(text, 0, len(text), {name: span.value for name, span in read_root(text).items()}),
        "request_payload.",
    )


def test_each_item_is_named_once_with_its_first_line() -> None:
    assert items_of(read("T-1", "a", "b", "a", "c")) == {"a": 0, "b": 1, "c": 3}


@pytest.mark.parametrize("item_id", [None, "", " ", "a\x00b", "\ud800", "4711\n"])
def test_ids_that_no_list_can_have_are_not_asked_for(item_id: str | None) -> None:
    assert items_of(read("T-1", item_id, "a")) == {"a": 1}
    assert employee_of(read(pos_employee_id=item_id)) is None


def test_other_spellings_of_the_fields_count_too() -> None:
    fields = {name: value for name, value in sale().items() if name not in ("pos_employee_id", "items")}
    text = json.dumps({**fields, "PosEmployeeId": "17", "Items": [{"ItemId": "a"}]})
    values = {name: span.value for name, span in read_root(text).items()}
    found = read_sale(ObjectText(text, 0, len(text), values), "")
    assert (items_of(found), employee_of(found)) == ({"a": 0}, "17")


def test_the_time_of_a_sale_is_that_of_its_last_change() -> None:
    assert moment_of(read()) == "2026-03-01T10:05:00.000Z"
    assert moment_of(read(modified_time="soon")) == "2026-03-01T10:00:00.000Z"
    assert moment_of(read(modified_time=None, open_time="soon")) is None


@pytest.mark.parametrize(
    ("employee", "moment", "fault"),
    [
        (BO, "2024-01-01T00:00:00.000Z", None),
        (BO, "2024-06-30T23:59:59.999Z", None),
        (BO, "2024-07-01T00:00:00.000Z", Fault.NOT_ACTIVE),
        (BO, "2023-12-31T23:59:59.999Z", Fault.NOT_ACTIVE),
        (BO, None, None),
        (None, "2024-01-01T00:00:00.000Z", Fault.UNKNOWN),
        (None, None, Fault.UNKNOWN),
    ],
)
def test_what_is_wrong_with_an_employee(employee: Employee | None, moment: str | None, fault: Fault | None) -> None:
    assert fault_of(employee, moment) == fault


def test_an_item_is_warned_of_at_its_line() -> None:
    (warning,) = item_warnings({"4711": 3}, "3 March", "request_payload.")
    assert warning.as_json() == {
        "code": "unknown_item",
        "message": "Item 4711 is not in the catalog of 3 March; "
        "the platform gives no discounts on items that it does not know.",
        "path": "request_payload.items.3.item_id",
    }


def test_a_sale_of_unknown_items_only_is_warned_of_within_bounds() -> None:
    assert len(item_warnings({str(number): number for number in range(500)}, "3 March", "")) == WARNINGS_MAX


def test_an_employee_is_warned_of_by_what_is_wrong() -> None:
    unknown = employee_warning(read(), Fault.UNKNOWN, "3 March", "request_payload.")
    assert unknown.as_json() == {
        "code": "unknown_employee",
        "message": "Employee 1000 is not in the list of employees of 3 March.",
        "path": "request_payload.pos_employee_id",
    }
    gone = employee_warning(read(), Fault.NOT_ACTIVE, "3 March", "")
    assert gone.code == "employee_not_active"
    assert "did not work here at 2026-03-01T10:05:00.000Z" in gone.message


def test_a_manager_reads_how_many_sales_name_what() -> None:
    assert item_words(12, "4711", "3 March") == "12 sales name item 4711, which is not in the catalog of 3 March."
    assert item_words(1, "4711", "3 March").startswith("1 sale names item 4711, ")
    assert employee_words(2, "17", Fault.UNKNOWN, "3 March") == (
        "2 sales name employee 17, who is not in the list of employees of 3 March."
    )
    assert "did not work here then" in employee_words(2, "17", Fault.NOT_ACTIVE, "3 March")


def test_the_status_says_it_in_a_sentence_each() -> None:
    assert list(status_words(0, 0)) == []
    items, employees = status_words(3, 1)
    assert items == (
        "3 items that were sold are not in the catalog; they get no discounts: store-agent catalog unknown"
    )
    assert employees.startswith("1 employee who sold is not in the list of employees")


def test_a_sale_counts_once_however_often_it_is_updated() -> None:
    seen = Sightings(10)
    for now, name in enumerate(("T-1", "T-2", "T-1"), 1):
        seen.note("a", read(name), now)
    (found,) = seen.all()
    assert (found.sales, found.first_at, found.last_at) == (2, 1, 3)


def test_most_sales_come_first_and_what_was_not_seen_for_longest_makes_room() -> None:
    seen = Sightings(2)
    for key, name in (("a", "T-1"), ("b", "T-1"), ("b", "T-2"), ("a", "T-2"), ("a", "T-3"), ("c", "T-3")):
        seen.note(key, read(name), 1)
    assert [(one.key, one.sales) for one in seen.all()] == [("a", 3), ("c", 1)]


def test_namings_are_remembered_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store_agent.domain.sightings.COUNTED_MAX", 3)
    seen = Sightings(10)
    for number in range(20):
        seen.note("a", read(f"T-{number}"), 1)
    assert len(seen._counted) == 3


def test_what_is_forgotten_counts_anew() -> None:
    seen = Sightings(10)
    seen.note("a", read(), 1)
    seen.forget(["a", "never seen"])
    assert seen.all() == []
    seen.note("a", read(), 2)
    assert [(one.sales, one.first_at) for one in seen.all()] == [(1, 2)]
