"""Who sells: the employees of a store, and when they work there.

Source: SessionM POS API, Upload Employees. A sale of an employee who is not active at its time is worth a warning.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any

from store_agent.domain import texts
from store_agent.domain.jsontext import clip
from store_agent.domain.problems import Origin, Problem
from store_agent.domain.timestamps import read_label

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch
_LAST_MOMENT = time(23, 59, 59, 999_000)


@dataclass(frozen=True, slots=True)
class Employee:
    """One employee, named by the point of sale's own `employee_id`.

    The dates are moments in the documented form in UTC (`2025-04-16T10:20:00.000Z`), which sort as text. Both belong
    to the time of employment; None is open.
    """

    employee_id: str
    first_name: str
    last_name: str
    start_date: str | None = None
    end_date: str | None = None

    @property
    def key(self) -> str:
        """What names the employee."""
        return self.employee_id

    def active_at(self, moment: str) -> bool:
        """Tell whether the employee works here at a moment, written in the documented form in UTC."""
        return (self.start_date is None or self.start_date <= moment) and (
            self.end_date is None or moment <= self.end_date
        )


def read_start(value: Any, zone: tzinfo = UTC) -> str | None:
    """Read a start date; a day without a time begins at midnight of `zone`. None if it is no date."""
    return read_label(value) or _moment_of_day(value, time(), zone)


def read_end(value: Any, zone: tzinfo = UTC) -> str | None:
    """Read an end date; a day without a time counts whole, until midnight of `zone`. None if it is no date."""
    return read_label(value) or _moment_of_day(value, _LAST_MOMENT, zone)


def check(employees: Sequence[Employee], origin: Origin = "employees.{}".format) -> Iterator[Problem]:
    """Find all that cannot be right: empty, too long or broken texts, ids used twice, an end before its start."""
    first: dict[str, int] = {}
    for number, employee in enumerate(employees):
        yield from _faults(employee, origin, number)
        earlier = first.setdefault(employee.employee_id, number)
        if earlier != number and employee.employee_id:
            reason = f"{clip(employee.employee_id)!r} stands already at {origin(earlier)}"
            yield Problem(origin(number), "employee_id", reason)


def _faults(employee: Employee, origin: Origin, number: int) -> Iterator[Problem]:
    for field, value, text in (
        ("employee_id", employee.employee_id, texts.EMPLOYEE_ID),
        ("first_name", employee.first_name, texts.NAME),
        ("last_name", employee.last_name, texts.NAME),
    ):
        if fault := text.fault(value):
            yield Problem(origin(number), field, fault)
    if employee.start_date and employee.end_date and employee.end_date < employee.start_date:
        yield Problem(origin(number), "end_date", f"{employee.end_date} is before the start, {employee.start_date}")


def _moment_of_day(value: Any, at: time, zone: tzinfo) -> str | None:
    if not isinstance(value, str) or not _DAY(value.strip()):
        return None
    try:
        moment = datetime.combine(date.fromisoformat(value.strip()), at, zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return read_label(moment.isoformat(timespec="milliseconds"))
