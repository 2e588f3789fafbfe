"""The employees, in a file of their own, which is built and changed over to as the catalog is."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from store_agent.clock import Clock
from store_agent.domain.content import employees_digest
from store_agent.domain.difference import Change, difference, in_order
from store_agent.domain.employees import Employee
from store_agent.storage import history, sqlite, words
from store_agent.storage.edition import Edition, Layout
from store_agent.storage.history import Answer, Noted, Replaced, Version
from store_agent.storage.portions import Portions, Progress, insert_all
from store_agent.storage.queries import load
from store_agent.storage.swapped import Naming, SwappedFile
from store_agent.storage.words import After, Found

T = TypeVar("T")

FILE_NAME = "employees.db"

_NAMING = Naming(FILE_NAME, "list of employees", "store-agent employees import FILE")
_SQL = load("employees")
_LAYOUT = Layout(1, (*history.SCHEMA, _SQL["schema"], *words.SCHEMA), _SQL["holds"])


class EmployeesFile:
    """The employees of a store. Use `open_employees`, and close it. Raises as `CatalogFile` does."""

    def __init__(self, file: SwappedFile) -> None:
        self._file = file

    @property
    def trouble(self) -> str | None:
        """Tell in words for a manager why there are no employees, if there is something to tell."""
        return self._file.trouble

    def current(self) -> Version | None:
        """Give the version that is asked now, with `counts` of `employees`; None without any."""
        return self._file.version

    async def replace(
        self, employees: Sequence[Employee], source: str, *, progress: Progress | None = None
    ) -> Replaced:
        """Put a checked list in place of the one that is there. As `CatalogFile.replace`."""
        return await self._file.replace(partial(_prepare, employees), source, progress)

    async def employee(self, employee_id: str) -> Answer[Employee | None]:
        """Give an employee by the id."""
        return await self._file.read(partial(_employee, employee_id))

    async def active_at(self, moment: str, limit: int = 100, after: str = "") -> Answer[tuple[Employee, ...]]:
        """Give a page of those who work here at a moment, in order of the id, behind the one of the id `after`.

        The moment is in the documented form in UTC (`domain.timestamps`).
        """
        asked = {"moment": moment, "limit": limit, "after": after}
        return await self._file.read(lambda raw: tuple(_all("active_at", asked, raw)))

    async def search(self, typed: str, limit: int = 50, after: After | None = None) -> Answer[Found[Employee]]:
        """Give a page of whom somebody means who types this; see `words` for how and in which order."""
        return await self._file.read(partial(_search, typed, limit, after))

    async def versions(self, limit: int = history.VERSIONS_MAX) -> Answer[list[Version]]:
        """Give the last versions, the newest first."""
        return await self._file.read(partial(history.versions, limit))

    async def changes(self, version: int, after: int = 0, limit: int = 100) -> Answer[list[Noted]]:
        """Give a page of what a version changed; the first version lists nothing."""
        return await self._file.read(partial(history.changes, version, after, limit))

    async def load(self, take: Callable[[Iterator[Employee]], T]) -> Answer[T]:
        """Hand all employees in order of the id to somebody on another thread, and give what they make."""
        return await self._file.read_long(lambda raw: take(_all("employees", (), raw)))

    async def close(self) -> None:
        """End what is being built or read."""
        await self._file.close()


async def open_employees(directory: Path, clock: Clock, *, free_min: int = 0) -> EmployeesFile:
    """Open the employees in a storage directory that exists and whose lock the caller holds. As `open_catalog`."""
    file = SwappedFile(directory, _NAMING, _LAYOUT, clock, free_min)
    await file.open()
    return EmployeesFile(file)


def _prepare(employees: Sequence[Employee], portions: Portions) -> Edition:
    portions.expect(3 * len(employees))  # all are compared, written and made searchable
    return Edition(
        employees_digest(employees),
        {"employees": len(employees)},
        (len(employees),),
        lambda old: _changes(old, employees, portions),
        lambda raw: _write(raw, employees, portions),
    )


def _changes(
    old: sqlite.Connection, employees: Sequence[Employee], portions: Portions
) -> Iterator[tuple[str, Change[Any]]]:
    for change in difference(_all("employees", (), old), portions.of(in_order(employees))):
        yield "employee", change


def _write(raw: sqlite.Connection, employees: Sequence[Employee], portions: Portions) -> None:
    ranked = words.ranked(f"{employee.first_name} {employee.last_name}" for employee in employees)
    rows = (
        (number, entry.employee_id, entry.first_name, entry.last_name, entry.start_date, entry.end_date)
        for number, entry in enumerate(portions.of(employees[position] for position in ranked), 1)
    )
    insert_all(raw, _SQL["add_employee"], rows)
    words.index(raw, (_SQL["add_names"], _SQL["add_words"]), len(employees), portions)


def _employee(employee_id: str, raw: sqlite.Connection) -> Employee | None:
    return next(_all("employee", (employee_id,), raw), None)


def _all(query: str, asked: Sequence[Any] | dict[str, Any], raw: sqlite.Connection) -> Iterator[Employee]:
    return (Employee(*row) for row in raw.execute(_SQL[query], asked))


def _search(typed: str, limit: int, after: After | None, raw: sqlite.Connection) -> Found[Employee]:
    found = words.find(raw, _SQL["codes"], typed, limit, after)
    return words.filled(found, lambda number: next(_all("numbered", (number,), raw)))
