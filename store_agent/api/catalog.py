"""Asking for items: `/v1/catalog`."""

from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from store_agent.api import answers
from store_agent.api.shapes import shelf as shapes
from store_agent.api.shapes.container import answered
from store_agent.api.shelf_query import Limit, Words
from store_agent.api.shelf_seams import CatalogShelf, Imports, Uploads
from store_agent.api.versions import show_state, told
from store_agent.clock import Clock
from store_agent.domain.catalog import Item
from store_agent.domain.uploads import Kind


def catalog_routes(catalog: CatalogShelf, imports: Imports, uploads: Uploads, clock: Clock) -> APIRouter:
    """Make the routes. Every answer says as of when it is, and how old that makes it."""
    router = APIRouter(tags=["catalog"])

    @router.get(
        "/v1/catalog",
        summary="Which catalog there is, and what became of its last upload",
        responses=answered(shapes.ShelfState),
    )
    async def catalog_now() -> Response:
        return show_state(catalog, await uploads.last(Kind.CATALOG), clock.wall())

    @router.get("/v1/catalog/search", summary="Items by words, id, sku or barcode", responses=answered(shapes.Items))
    async def search(q: Words, limit: Limit = 50) -> Response:
        answer = await catalog.search(q, limit)
        return told(answer.version, clock.wall(), items=[show_item(item) for item in answer.value.entries])

    @router.get("/v1/catalog/items", summary="Items by sku or barcode, exactly", responses=answered(shapes.Items))
    async def items(sku: str | None = None, barcode: str | None = None) -> Response:
        if (sku is None) == (barcode is None):
            return answers.error(HTTPStatus.BAD_REQUEST, "invalid_field", "Give either sku or barcode.")
        answer = await (catalog.by_sku(sku) if sku is not None else catalog.by_barcode(barcode or ""))
        return told(answer.version, clock.wall(), items=[show_item(item) for item in answer.value])

    @router.get(
        "/v1/catalog/items/{item_id}", summary="One item, and what modifies it", responses=answered(shapes.OneItem)
    )
    async def item(item_id: str) -> Response:
        answer = await catalog.item(item_id)
        if answer.value is None:
            return _unknown(f"There is no item {item_id} in the catalog.")
        modifiers = (await catalog.modifiers_of(item_id)).value
        return told(
            answer.version,
            clock.wall(),
            item=show_item(answer.value),
            modifiers=[show_item(modifier) for modifier in modifiers],
        )

    @router.get(
        "/v1/catalog/importing",
        summary="What is being imported now, and how far it is",
        responses=answered(shapes.Importing),
    )
    async def importing() -> Response:
        shown = {kind.value: {"done": one.done, "total": one.total} for kind, one in imports.stages.items()}
        return answers.ok({"imports": shown})

    @router.post("/v1/catalog/push", summary="Upload the catalog again", responses=answered(shapes.Pushing))
    async def push_catalog() -> Response:
        return answers.ok({"upload": (await imports.push(Kind.CATALOG)).value})

    return router


def show_item(item: Item) -> dict[str, Any]:
    """Give an item as JSON."""
    return asdict(item) | {"external_ids": dict(item.external_ids)}


def _unknown(message: str) -> Response:
    return answers.error(HTTPStatus.NOT_FOUND, "unknown", message)
