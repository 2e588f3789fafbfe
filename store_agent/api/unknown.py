"""What sales named that is not known, for the manager: `/v1/unknown`.

Counted since the agent started, and only in memory: at worst it is seen again at the next sale.
"""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from store_agent.api import answers
from store_agent.api.named import Named
from store_agent.api.shapes import shelf as shapes
from store_agent.api.shapes.container import answered
from store_agent.api.shelf_seams import CatalogShelf, EmployeeShelf
from store_agent.domain.named import Fault, employee_words, fault_of, item_words, status_words
from store_agent.domain.sightings import Sighting
from store_agent.errors import StorageFailure
from store_agent.storage.history import Version


class Unknown:
    """What was seen on the way in and is not known to this day; what a new catalog knows leaves the list.

    Without a catalog, or a list of employees, nothing is known of any, and nothing is listed.
    """

    def __init__(self, catalog: CatalogShelf, employees: EmployeeShelf, named: Named) -> None:
        self._catalog = catalog
        self._staff = employees
        self._named = named

    async def items(self) -> list[dict[str, Any]]:
        """List items by `item_id`, those of the most sales first. Raises StorageFailure."""
        seen = self._named.items.all()
        if not seen:
            return []
        missing, version = await self._catalog.missing([one.key for one in seen])
        if version is None:
            return []
        self._named.items.forget(one.key for one in seen if one.key not in missing)
        day = self._named.day(version)
        return [
            {"item_id": one.key, **_counted(one), "words": item_words(one.sales, one.key, day)}
            for one in seen
            if one.key in missing
        ]

    async def employees(self) -> list[dict[str, Any]]:
        """List employees by `employee_id` with the `fault`, those of the most sales first. Raises StorageFailure."""
        found = []
        for one in self._named.employees.all():
            employee, version = await self._staff.employee(one.key)
            if version is None:
                return []
            fault = fault_of(employee, one.moment)
            if fault is None:
                self._named.employees.forget([one.key])
            else:
                found.append(self._employee(one, fault, version))
        return found

    async def words(self) -> list[str]:
        """Say how many there are, for the status; nothing if there are none, or if it cannot be told now."""
        try:
            return list(status_words(len(await self.items()), len(await self.employees())))
        except StorageFailure:
            return []

    def as_of(self) -> dict[str, float | None]:
        """Tell which catalog and which list of employees that is by, in seconds since 1970."""
        return {
            "catalog_as_of": _as_of(self._catalog.current()),
            "employees_as_of": _as_of(self._staff.current()),
        }

    def _employee(self, one: Sighting, fault: Fault, version: Version) -> dict[str, Any]:
        words = employee_words(one.sales, one.key, fault, self._named.day(version))
        return {"employee_id": one.key, "fault": fault.value, **_counted(one), "words": words}


def unknown_routes(unknown: Unknown) -> APIRouter:
    """Make the route."""
    router = APIRouter(tags=["catalog"])

    @router.get(
        "/v1/unknown",
        summary="Items and employees of sales that are not known here, since the start",
        responses=answered(shapes.UnknownNames),
    )
    async def everything() -> Response:
        items, employees = await unknown.items(), await unknown.employees()
        words = [one["words"] for one in (*items, *employees)]
        return answers.ok({"words": words, "items": items, "employees": employees, **unknown.as_of()})

    return router


def _counted(one: Sighting) -> dict[str, int]:
    return {"sales": one.sales, "first_seen_ms": one.first_at, "last_seen_ms": one.last_at}


def _as_of(version: Version | None) -> float | None:
    return None if version is None else version.as_of / 1000
