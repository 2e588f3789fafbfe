"""Asking for employees: `/v1/employees`."""

from dataclasses import asdict
from http import HTTPStatus

from fastapi import APIRouter
from starlette.responses import Response

from store_agent.api import answers
from store_agent.api.shapes import shelf as shapes
from store_agent.api.shapes.container import answered
from store_agent.api.shelf_query import Limit, Words
from store_agent.api.shelf_seams import EmployeeShelf, Imports, Uploads
from store_agent.api.versions import show_state, told
from store_agent.clock import Clock
from store_agent.domain.timestamps import read_label, stamp
from store_agent.domain.uploads import Kind


def employee_routes(employees: EmployeeShelf, imports: Imports, uploads: Uploads, clock: Clock) -> APIRouter:
    """Make the routes. Every answer says as of when it is, and how old that makes it."""
    router = APIRouter(tags=["employees"])

    @router.get(
        "/v1/employees",
        summary="Which employees there are, and what became of their last upload",
        responses=answered(shapes.ShelfState),
    )
    async def employees_now() -> Response:
        return show_state(employees, await uploads.last(Kind.EMPLOYEES), clock.wall())

    @router.get("/v1/employees/search", summary="Employees by words or id", responses=answered(shapes.Employees))
    async def find(q: Words, limit: Limit = 50) -> Response:
        answer = await employees.search(q, limit)
        return told(answer.version, clock.wall(), employees=[asdict(one) for one in answer.value.entries])

    @router.get(
        "/v1/employees/active",
        summary="Who works here, now or at a moment (in UTC)",
        responses=answered(shapes.Employees),
    )
    async def active(at: str | None = None, limit: Limit = 100, after: str = "") -> Response:
        moment = stamp(clock.wall()) if at is None else read_label(at)
        if moment is None:
            return answers.error(HTTPStatus.BAD_REQUEST, "invalid_field", "at is not a date and time in a known form.")
        answer = await employees.active_at(moment, limit, after)
        return told(answer.version, clock.wall(), employees=[asdict(one) for one in answer.value])

    @router.get("/v1/employees/{employee_id}", summary="One employee", responses=answered(shapes.OneEmployee))
    async def employee(employee_id: str) -> Response:
        answer = await employees.employee(employee_id)
        if answer.value is None:
            return answers.error(HTTPStatus.NOT_FOUND, "unknown", f"There is no employee {employee_id}.")
        return told(answer.version, clock.wall(), employee=asdict(answer.value))

    @router.post("/v1/employees/push", summary="Upload the employees again", responses=answered(shapes.Pushing))
    async def push_employees() -> Response:
        return answers.ok({"upload": (await imports.push(Kind.EMPLOYEES)).value})

    return router
