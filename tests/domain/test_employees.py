"""Employees: their dates, who is active when, and what cannot be right."""

from datetime import timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from store_agent.domain.content import employees_digest
from store_agent.domain.difference import Change, Kind, difference
from store_agent.domain.employees import Employee, check, read_end, read_start

JO = Employee("7", "Jo", "Till", "2025-04-01T00:00:00.000Z", "2025-04-30T23:59:59.999Z")


@pytest.mark.parametrize(
    ("moment", "active"),
    [
        ("2025-03-31T23:59:59.999Z", False),
        ("2025-04-01T00:00:00.000Z", True),
        ("2025-04-30T23:59:59.999Z", True),
        ("2025-05-01T00:00:00.000Z", False),
    ],
)
def test_the_first_and_the_last_moment_belong_to_the_employment(moment: str, active: bool) -> None:  # noqa: FBT001
    assert JO.active_at(moment) is active


def test_open_dates_have_no_bound() -> None:
    assert Employee("7", "Jo", "Till").active_at("1970-01-01T00:00:00.000Z")
    assert not Employee("7", "Jo", "Till", end_date="2025-04-30T23:59:59.999Z").active_at("2025-05-01T00:00:00.000Z")


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2025-04-16", "2025-04-16T00:00:00.000Z", "2025-04-16T23:59:59.999Z"),
        (" 2025-04-16 ", "2025-04-16T00:00:00.000Z", "2025-04-16T23:59:59.999Z"),
        ("2025-04-16T10:20:00.000Z", "2025-04-16T10:20:00.000Z", "2025-04-16T10:20:00.000Z"),
        ("2025-04-16 10:20:00+02:00", "2025-04-16T08:20:00.000Z", "2025-04-16T08:20:00.000Z"),
        ("0001-01-01", "0001-01-01T00:00:00.000Z", "0001-01-01T23:59:59.999Z"),
        *((wrong, None, None) for wrong in ("", "16.04.2025", "04/16/2025", "20250416", "2025-W16-3", "2025-02-30")),
        *((wrong, None, None) for wrong in (None, 20250416, "٢٠٢٥-04-16")),
    ],
)
def test_days_and_moments_are_read_and_nothing_is_guessed(text: Any, start: str | None, end: str | None) -> None:
    assert (read_start(text), read_end(text)) == (start, end)


def test_a_day_is_one_of_the_store() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert read_start("2025-04-16", berlin) == "2025-04-15T22:00:00.000Z"
    assert read_end("2025-04-16", berlin) == "2025-04-16T21:59:59.999Z"
    assert read_start("1890-01-01", berlin) is not None
    assert read_start("0001-01-01", timezone(timedelta(hours=5))) is None


@pytest.mark.parametrize(
    ("employees", "words"),
    [
        ([JO], []),
        ([Employee("", "Jo", "Till")], ["employees.0.employee_id is empty"]),
        ([Employee("7" * 21, "Jo", "Till")], ["employees.0.employee_id is longer than 20 characters"]),
        ([Employee("7", "", "Till")], ["employees.0.first_name is empty"]),
        ([Employee("7", "Jo", " ")], ["employees.0.last_name is empty"]),
        ([Employee("7", "Jo", "T" * 257)], ["employees.0.last_name is longer than 256 characters"]),
        ([Employee("7", "J\x00", "Till")], ["employees.0.first_name holds control characters"]),
        ([JO, Employee("7", "Al", "Till")], ["employees.1.employee_id '7' stands already at employees.0"]),
        (
            [Employee("7", "Jo", "Till", JO.end_date, JO.start_date)],
            ["employees.0.end_date 2025-04-01T00:00:00.000Z is before the start, 2025-04-30T23:59:59.999Z"],
        ),
        ([Employee("7", "Jo", "Till", JO.start_date, JO.start_date)], []),
        (
            [Employee("", "", "Till"), Employee("", "Jo", "")],
            [
                "employees.0.employee_id is empty",
                "employees.0.first_name is empty",
                "employees.1.employee_id is empty",
                "employees.1.last_name is empty",
            ],
        ),
    ],
)
def test_every_fault_is_found_and_no_more(employees: list[Employee], words: list[str]) -> None:
    assert [str(problem) for problem in check(employees)] == words


def test_order_changes_no_digest_and_any_field_does() -> None:
    al = Employee("8", "Al", "Till")
    assert employees_digest([JO, al]) == employees_digest([al, JO])
    assert employees_digest([al]) != employees_digest([Employee("8", "Al", "Till", JO.start_date)])


def test_changes_are_told() -> None:
    gone = Employee("7", "Jo", "Till", JO.start_date)
    assert list(difference([gone], [JO])) == [Change(Kind.CHANGED, "7", gone, JO, ("end_date",))]
