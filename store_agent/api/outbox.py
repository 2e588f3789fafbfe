"""Looking at the queue: `/v1/outbox` and `/v1/outbox/{sequence}`."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from store_agent.api import answers
from store_agent.api.seams import Outbox
from store_agent.domain import money
from store_agent.domain.lifecycle import State
from store_agent.storage.outbox import PAGE_MAX, Detail, Row

SEQUENCE_MAX = 2**63 - 1


def outbox_routes(outbox: Outbox) -> APIRouter:
    """Make the routes."""
    router = APIRouter(tags=["outbox"])

    @router.get("/v1/outbox", summary="Revisions after a sequence, oldest first")
    async def page(
        after: Annotated[int, Query(ge=0, le=SEQUENCE_MAX)] = 0,
        limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 100,
        state: State | None = None,
    ) -> Response:
        rows = await outbox.page(after, limit, state)
        following = rows[-1].sequence if len(rows) == limit else None
        return answers.ok({"revisions": [show_row(row) for row in rows], "next_after": following})

    @router.get("/v1/outbox/{sequence}", summary="One revision with its payload")
    async def show(sequence: Annotated[int, Path(ge=1, le=SEQUENCE_MAX)]) -> Response:
        detail = await outbox.show(sequence)
        if detail is None:
            return answers.error(
                HTTPStatus.NOT_FOUND, "unknown_sequence", f"There is no sale with sequence {sequence}."
            )
        return answers.ok(show_detail(detail))

    return router


def show_row(row: Row) -> dict[str, Any]:
    """Give a revision as JSON; times are seconds since 1970."""
    return {
        "sequence": row.sequence,
        "transaction_id": row.transaction_id,
        "terminal": row.terminal,
        "state": row.state.value,
        "amount": None if row.amount is None else str(money.from_units(row.amount)),
        "opened_at": row.opened_at,
        "modified_at": row.modified_at,
        "is_closed": row.closed,
        "is_voided": row.voided,
        "attempts": row.attempts,
        "error": row.error,
        "accepted_at": row.accepted_at / 1000,
        "settled_at": None if row.settled_at is None else row.settled_at / 1000,
        "bytes": row.size,
    }


def show_detail(detail: Detail) -> dict[str, Any]:
    """Give everything kept of a revision; `payload` is the text that is sent, to the letter."""
    return {
        **show_row(detail.row),
        "digest": detail.digest.hex(),
        "delivery": "live" if detail.live else "queued",
        "warnings": detail.warnings,
        "platform_said": detail.said,
        "request_id": detail.request_id,
        "container_fields": detail.forwarded,
        "payload": detail.payload.decode(),
    }
