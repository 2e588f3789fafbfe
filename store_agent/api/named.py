"""Holds sales against the catalog and the employees on their way in, and counts what is not known.

No sale is refused for it or waits for long: what cannot be asked in time is not warned of.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Generic, TypeVar

import structlog

from store_agent.api.shelf_seams import CatalogShelf, EmployeeShelf
from store_agent.clock import Clock
from store_agent.domain.employees import Employee
from store_agent.domain.named import (
    Doubt,
    employee_of,
    employee_warning,
    fault_of,
    item_warnings,
    items_of,
    moment_of,
)
from store_agent.domain.sightings import Sightings
from store_agent.errors import AgentError
from store_agent.storage.history import Version
from store_agent.storage.intake import Accepted, Arrival

T = TypeVar("T")

ITEMS_MAX = 1_000
EMPLOYEES_MAX = 100
"""Unknown items and employees that are counted, the last ones seen: with more of them, the list itself is wrong."""

REMEMBERED_MAX = 10_000
"""Answers of a shelf kept at hand, some 1 MB: what sells most is not asked for at every sale."""

ASK_SECONDS = 0.25
"""How long the sales of a call wait for catalog and employees together; a disk that is slow answers the next ones."""

_NONE = Doubt({}, None)

_log = structlog.get_logger("api")


class Named:
    """Looks at what sales name. `items` and `employees` were not known; in memory only, so a restart begins anew."""

    def __init__(self, catalog: CatalogShelf, employees: EmployeeShelf, clock: Clock) -> None:
        self.items = Sightings(ITEMS_MAX)
        self.employees = Sightings(EMPLOYEES_MAX)
        self._catalog = catalog
        self._staff = employees
        self._clock = clock
        self._known_items = _Known(catalog.current, self._ask_items)
        self._known_employees = _Known(employees.current, self._ask_employees)
        self._trouble = ""

    async def look(self, arrivals: Sequence[Arrival]) -> list[Doubt]:
        """Tell of each sale of a call what it names that is not known; nothing if that cannot be told."""
        if self._catalog.current() is None and self._staff.current() is None:
            return [_NONE] * len(arrivals)
        try:
            async with asyncio.timeout(ASK_SECONDS):
                doubts = await self._look(arrivals)
        except (AgentError, TimeoutError) as problem:
            self._tell(str(problem) or "The disk did not answer in time.")
            return [_NONE] * len(arrivals)
        self._tell("")
        return doubts

    def warn(self, arrival: Arrival, doubt: Doubt) -> Arrival:
        """Add the warnings of a doubt to a sale."""
        if not doubt:
            return arrival
        warnings = [*arrival.warnings, *item_warnings(doubt.items, self.day(self._catalog.current()), arrival.at)]
        if doubt.employee is not None:
            day = self.day(self._staff.current())
            warnings.append(employee_warning(arrival.sale, doubt.employee, day, arrival.at))
        return replace(arrival, warnings=tuple(warnings))

    def count(self, arrivals: Sequence[Arrival], doubts: Sequence[Doubt], accepted: Sequence[Accepted]) -> None:
        """Count the sales once they are stored; those stored before were counted then."""
        if not any(doubts):
            return
        now = int(self._clock.wall() * 1000)
        for arrival, doubt, taken in zip(arrivals, doubts, accepted, strict=True):
            if taken.repeated:
                continue
            for item_id in doubt.items:
                self.items.note(item_id, arrival.sale, now)
            if doubt.employee is not None and arrival.sale.employee_id:
                self.employees.note(arrival.sale.employee_id, arrival.sale, now)

    def day(self, version: Version | None) -> str:
        """Give the day as of which a version is, by the store's own calendar: 3 March, with the year if it is past."""
        if version is None:
            return "an unknown day"
        day = datetime.fromtimestamp(version.as_of / 1000).astimezone()
        today = datetime.fromtimestamp(self._clock.wall()).astimezone()
        return f"{day.day} {day:%B}{'' if day.year == today.year else f' {day.year}'}"

    async def _look(self, arrivals: Sequence[Arrival]) -> list[Doubt]:
        items = [items_of(arrival.sale) for arrival in arrivals]
        names = [employee_of(arrival.sale) for arrival in arrivals]
        known = await self._known_items.find({item_id for each in items for item_id in each})
        staff = await self._known_employees.find({name for name in names if name})
        return [
            Doubt(
                {} if known is None else {item_id: at for item_id, at in each.items() if item_id not in known},
                None if staff is None or name is None else fault_of(staff.get(name), moment_of(arrival.sale)),
            )
            for arrival, each, name in zip(arrivals, items, names, strict=True)
        ]

    def _tell(self, trouble: str) -> None:
        """Log why sales are not held against anything, once."""
        if trouble and not self._trouble:
            words = f"Sales are taken without a look at catalog and employees, which cannot be read now. {trouble}"
            _log.warning("api.sales_not_checked", words=words, reason=trouble)
        self._trouble = trouble

    async def _ask_items(self, item_ids: Collection[str]) -> dict[str, bool]:
        missing = (await self._catalog.missing(item_ids)).value
        return {item_id: True for item_id in item_ids if item_id not in missing}

    async def _ask_employees(self, employee_ids: Collection[str]) -> dict[str, Employee]:
        found = [(await self._staff.employee(employee_id)).value for employee_id in employee_ids]
        return {employee.employee_id: employee for employee in found if employee is not None}


class _Known(Generic[T]):
    """What a shelf knows of what it was asked for, kept for as long as its version is in use."""

    def __init__(
        self, current: Callable[[], Version | None], ask: Callable[[Collection[str]], Awaitable[Mapping[str, T]]]
    ) -> None:
        self._current = current
        self._ask = ask
        self._version: Version | None = None
        self._found: dict[str, T] = {}

    async def find(self, ids: Collection[str]) -> Mapping[str, T] | None:
        """Give at least those of some ids that are known, in one look-up; None where nothing is known of any."""
        version = self._current()
        if version is None:
            return None
        if version is not self._version or len(self._found) > REMEMBERED_MAX:
            self._version, self._found = version, {}
        found = self._found
        new = [one for one in ids if one not in found]
        if new:
            found.update(await self._ask(new))
        return found if self._current() is not None else None
