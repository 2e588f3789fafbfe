"""What people and the program did, and why: `/v1/audit`, for the manager."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from store_agent.api import answers
from store_agent.api.roles import managers_only
from store_agent.api.seams import Repair
from store_agent.api.shapes import queue as shapes
from store_agent.api.shapes.container import answered
from store_agent.storage.repair import Entry

PAGE_MAX = 1_000
NUMBER_MAX = 2**63 - 1


def audit_routes(repair: Repair) -> APIRouter:
    """Make the routes."""
    router = APIRouter(tags=["audit"], dependencies=[Depends(managers_only)])

    @router.get(
        "/v1/audit", summary="What people and the program did, newest first", responses=answered(shapes.Entries)
    )
    async def page(
        before: Annotated[int | None, Query(ge=1, le=NUMBER_MAX)] = None,
        limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 100,
    ) -> Response:
        """Entries with numbers below `before`; `next_before` is where the next page begins, null at the end."""
        entries = await repair.audit(before, limit)
        following = entries[-1].number if len(entries) == limit else None
        return answers.ok({"entries": [show_entry(entry) for entry in entries], "next_before": following})

    return router


def show_entry(entry: Entry) -> dict[str, Any]:
    """Give an entry as JSON; `at` is seconds since 1970, `sequence` null for what concerns no single sale."""
    return {
        "number": entry.number,
        "at": entry.at / 1000,
        "who": entry.who,
        "action": entry.action,
        "sequence": entry.sequence,
        "reason": entry.reason,
    }
