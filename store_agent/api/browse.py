"""Looking through the catalog: its categories; versions of it and of the employees, and what they changed."""

from dataclasses import asdict
from http import HTTPStatus

from fastapi import APIRouter
from starlette.responses import Response

from store_agent.api import answers
from store_agent.api.catalog import show_item
from store_agent.api.shapes import shelf as shapes
from store_agent.api.shapes.container import answered
from store_agent.api.shelf_query import After, Limit, Number
from store_agent.api.shelf_seams import CatalogShelf, EmployeeShelf
from store_agent.api.versions import show_version, told
from store_agent.clock import Clock


def browse_routes(catalog: CatalogShelf, employees: EmployeeShelf, clock: Clock) -> APIRouter:
    """Make the routes."""
    router = APIRouter(tags=["catalog"])

    @router.get(
        "/v1/catalog/categories", summary="The categories that stand in no other", responses=answered(shapes.Branches)
    )
    async def roots(limit: Limit = 100, after: After = 0) -> Response:
        answer = await catalog.roots(limit, after)
        return told(answer.version, clock.wall(), categories=[asdict(branch) for branch in answer.value])

    @router.get(
        "/v1/catalog/categories/{category_id}",
        summary="A category: its way, its children, its items",
        responses=answered(shapes.CategoryShelf),
    )
    async def category(category_id: str, limit: Limit = 100, after: After = 0) -> Response:
        answer = await catalog.category(category_id, limit, after)
        if answer.value is None:
            message = f"There is no category {category_id} in the catalog."
            return answers.error(HTTPStatus.NOT_FOUND, "unknown", message)
        shelf = asdict(answer.value) | {"items": [show_item(item) for item in answer.value.items]}
        return told(answer.version, clock.wall(), **shelf)

    @router.get("/v1/catalog/versions", summary="The last versions, newest first", responses=answered(shapes.Versions))
    async def versions() -> Response:
        answer = await catalog.versions()
        return told(answer.version, clock.wall(), versions=[show_version(version) for version in answer.value])

    @router.get(
        "/v1/catalog/versions/{version}/changes", summary="What a version changed", responses=answered(shapes.Changes)
    )
    async def changes(version: Number, after: After = 0, limit: Limit = 100) -> Response:
        answer = await catalog.changes(version, after, limit)
        return told(answer.version, clock.wall(), changes=[asdict(change) for change in answer.value])

    @router.get(
        "/v1/employees/versions",
        tags=["employees"],
        summary="The last versions, newest first",
        responses=answered(shapes.Versions),
    )
    async def employee_versions() -> Response:
        answer = await employees.versions()
        return told(answer.version, clock.wall(), versions=[show_version(version) for version in answer.value])

    @router.get(
        "/v1/employees/versions/{version}/changes",
        tags=["employees"],
        summary="What a version changed",
        responses=answered(shapes.Changes),
    )
    async def employee_changes(version: Number, after: After = 0, limit: Limit = 100) -> Response:
        answer = await employees.changes(version, after, limit)
        return told(answer.version, clock.wall(), changes=[asdict(change) for change in answer.value])

    return router
