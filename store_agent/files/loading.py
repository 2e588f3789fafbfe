"""From a file to a checked catalog or list of employees, or to all that is wrong with it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, tzinfo
from typing import BinaryIO, TypeVar

from store_agent.domain import catalog_check, employees
from store_agent.domain.problems import Problem, Problems
from store_agent.files.catalog_json import read_catalog_json
from store_agent.files.catalog_table import read_catalog_table
from store_agent.files.employee_lists import read_employees_json, read_employees_table
from store_agent.files.gathered import CatalogFile, EmployeesFile
from store_agent.files.json_stream import JsonStream
from store_agent.files.source import is_json, opened_text
from store_agent.files.table import Table

Read = TypeVar("Read", CatalogFile, EmployeesFile)


def read_catalog(file: BinaryIO) -> CatalogFile:
    """Read a catalog of any form, found by its content. Raises BadInput `unreadable_file` if it is none of them.

    `file` is read from where it stands and must be able to go back there.
    """
    json = is_json(file)
    with opened_text(file) as text:
        if json:
            return read_catalog_json(JsonStream(text))
        problems = Problems()
        return read_catalog_table(Table(text, problems), problems)


def load_catalog(file: BinaryIO) -> CatalogFile:
    """Read a catalog and check it whole.

    Raises BadInput: `unreadable_file`, or `invalid_catalog` with what is wrong as its fields (`PROBLEMS_MAX` at most).
    """
    read = read_catalog(file)
    read.problems.extend(_in_names_of_the_form(catalog_check.check(read.catalog, read.origins), read.names))
    return _accepted(read, "invalid_catalog")


def read_employees(file: BinaryIO, zone: tzinfo = UTC) -> EmployeesFile:
    """Read employees of any form, found by its content; days without a time are those of `zone`.

    Raises BadInput `unreadable_file` as `read_catalog` does.
    """
    json = is_json(file)
    with opened_text(file) as text:
        if json:
            return read_employees_json(JsonStream(text), zone)
        problems = Problems()
        return read_employees_table(Table(text, problems), zone, problems)


def load_employees(file: BinaryIO, zone: tzinfo = UTC) -> EmployeesFile:
    """Read employees and check them all. Raises BadInput: `unreadable_file`, or `invalid_employees` as above."""
    read = read_employees(file, zone)
    read.problems.extend(employees.check(read.employees, read.origin))
    return _accepted(read, "invalid_employees")


def _in_names_of_the_form(found: Iterable[Problem], names: Mapping[str, str]) -> Iterator[Problem]:
    return (replace(problem, field=names.get(problem.field, problem.field)) for problem in found)


def _accepted(read: Read, code: str) -> Read:
    if read.problems.total:
        raise read.problems.refusal(code)
    return read
