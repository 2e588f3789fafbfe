"""The employees answer by id, by name and by who is active, and change over as the catalog does."""

import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store_agent.clock import SystemClock
from store_agent.domain.content import employees_digest
from store_agent.domain.difference import Kind, in_order
from store_agent.domain.employees import Employee
from store_agent.storage.employees import FILE_NAME, EmployeesFile, open_employees
from tests.support.shop import EMPLOYEES

ADA, BO, CAGLA = EMPLOYEES


@pytest.fixture
async def employees(tmp_path: Path) -> AsyncIterator[EmployeesFile]:
    opened = await open_employees(tmp_path, SystemClock())
    yield opened
    await opened.close()


@pytest.fixture
async def staff(employees: EmployeesFile) -> EmployeesFile:
    await employees.replace(EMPLOYEES, "a test")
    return employees


async def test_without_employees_nobody_is_known(employees: EmployeesFile, tmp_path: Path) -> None:
    assert employees.current() is None
    assert await employees.employee("17") == (None, None)
    assert await employees.active_at("2024-03-01T00:00:00.000Z") == ((), None)
    assert (await employees.search("ada")).value == ((), None)
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - pathlib's looks are said to block


async def test_each_employee_comes_back_as_told(staff: EmployeesFile) -> None:
    for employee in EMPLOYEES:
        answer = await staff.employee(employee.employee_id)
        assert answer == (employee, staff.current())
    assert (await staff.employee("nobody")).value is None


@pytest.mark.parametrize(
    ("moment", "active"),
    [
        ("2023-12-31T23:59:59.999Z", [ADA]),
        ("2024-01-01T00:00:00.000Z", [ADA, BO, CAGLA]),
        ("2024-06-30T23:59:59.999Z", [ADA, BO, CAGLA]),
        ("2024-07-01T00:00:00.000Z", [ADA, BO]),
    ],
)
async def test_who_is_active_at_a_moment(staff: EmployeesFile, moment: str, active: list[Employee]) -> None:
    assert list((await staff.active_at(moment)).value) == active
    assert [employee for employee in EMPLOYEES if employee.active_at(moment)] == active
    assert list((await staff.active_at(moment, limit=1)).value) == active[:1]
    assert list((await staff.active_at(moment, after=active[0].employee_id)).value) == active[1:]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ada", [ADA, BO]),
        ("adam", [BO]),
        ("angstrom", [ADA]),
        ("MULLER cag", [CAGLA]),
        ("17", [ADA]),
        ("9", [CAGLA]),
        ("ada 17", [ADA]),
        ("nobody", []),
    ],
)
async def test_employees_are_found_by_name_and_id(staff: EmployeesFile, typed: str, found: list[Employee]) -> None:
    assert list((await staff.search(typed)).value.entries) == found


@settings(max_examples=50)
@given(typed=st.text(st.characters(), max_size=40))
async def test_nothing_that_is_typed_fails(staff: EmployeesFile, typed: str) -> None:
    assert len((await staff.search(typed, limit=2)).value.entries) <= 2


async def test_all_come_back_for_the_upload_in_order_of_the_ids(staff: EmployeesFile) -> None:
    answer = await staff.load(tuple)
    assert answer.value == tuple(in_order(EMPLOYEES))
    assert employees_digest(answer.value) == employees_digest(EMPLOYEES)
    assert answer.version == staff.current()


async def test_a_version_tells_what_it_changed_and_the_same_again_is_only_confirmed(staff: EmployeesFile) -> None:
    assert not (await staff.replace(EMPLOYEES[::-1], "the same")).changed
    left = replace(BO, end_date="2024-02-01T00:00:00.000Z")
    replaced = await staff.replace((ADA, left, Employee("18", "New", "Here")), "next")
    version = replaced.version
    assert (version.number, version.added, version.removed, version.changed) == (2, 1, 1, 1)
    assert version.counts == {"employees": 3}
    noted = (await staff.changes(2)).value
    assert [(one.entry, one.kind, one.key, one.fields) for one in noted] == [
        ("employee", Kind.ADDED, "18", ()),
        ("employee", Kind.CHANGED, "4", ("end_date",)),
        ("employee", Kind.REMOVED, "9", ()),
    ]
    assert (noted[1].before, noted[1].after) == ({}, {"end_date": "2024-02-01T00:00:00.000Z"})
    assert [one.source for one in (await staff.versions()).value] == ["next", "the same"]


async def test_a_damaged_list_is_set_aside_with_words(staff: EmployeesFile, tmp_path: Path) -> None:
    await staff.close()
    (tmp_path / FILE_NAME).write_bytes(b"no database at all" * 500)
    again = await open_employees(tmp_path, SystemClock())
    assert (await again.employee("17")).value is None
    assert again.trouble is not None
    assert "list of employees cannot be used" in again.trouble
    assert again.trouble.endswith("Import it again: store-agent employees import FILE")
    await again.replace(EMPLOYEES, "again")
    assert (await again.employee("17")).value == ADA
    assert again.current() is not None
    assert again.trouble is None
    await again.close()
