"""What waits for a person: `/v1/attention`."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from store_agent.api import answers
from store_agent.api.seams import Attention
from store_agent.api.shapes import queue as shapes
from store_agent.api.shapes.container import answered
from store_agent.domain import money
from store_agent.domain.attention import what_to_do
from store_agent.storage.attention import Group


def attention_routes(attention: Attention) -> APIRouter:
    """Make the routes."""
    router = APIRouter(tags=["attention"])

    @router.get(
        "/v1/attention",
        summary="What the platform refused, grouped by cause, and what to do about it",
        responses=answered(shapes.Groups),
    )
    async def groups() -> Response:
        """Most sales first. `complete` is false if there is more than was looked at; mend some, then look again."""
        found = await attention.groups()
        return answers.ok({"groups": [show_group(group) for group in found.groups], "complete": found.complete})

    return router


def show_group(group: Group) -> dict[str, Any]:
    """Give a group as JSON; times are seconds since 1970, of when the first and the last one were taken."""
    refusal = group.refusal
    return {
        "cause": refusal.cause,
        "what_to_do": what_to_do(refusal),
        "fields": list(refusal.fields),
        "burst": refusal.burst,
        "sales": group.sales,
        "calls": group.calls,
        "amount": str(money.from_units(group.amount)),
        "oldest_at": group.oldest_at / 1000,
        "newest_at": group.newest_at / 1000,
        "overtaken": group.overtaken,
        "first_sequence": group.sequences[0],
        "sequences": group.sequences,
    }
