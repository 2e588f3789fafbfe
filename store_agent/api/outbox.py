"""Looking at the queue: `/v1/outbox` and `/v1/outbox/{sequence}` (`repair` changes it)."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from store_agent.api import answers
from store_agent.api.audit import show_entry
from store_agent.api.filters import SEQUENCE_MAX, PageQuery
from store_agent.api.seams import Outbox, Repair
from store_agent.clock import Clock
from store_agent.domain import money
from store_agent.storage.attempts import Attempt
from store_agent.storage.revisions import Detail, Row


def outbox_routes(outbox: Outbox, repair: Repair, clock: Clock) -> APIRouter:
    """Make the routes."""
    router = APIRouter(tags=["outbox"])

    @router.get("/v1/outbox", summary="Revisions after a sequence, oldest first")
    async def page(query: Annotated[PageQuery, Query()]) -> Response:
        """Go on with `after` = `next_after` until it is null; a page may hold fewer than `limit`, even none."""
        found = await outbox.page(query.after, query.limit, query.among(query.state, clock.wall()))
        return answers.ok({"revisions": [show_row(row) for row in found.rows], "next_after": found.next_after})

    @router.get("/v1/outbox/{sequence}", summary="One revision with its payload, its tries, and what people did to it")
    async def show(sequence: Annotated[int, Path(ge=1, le=SEQUENCE_MAX)]) -> Response:
        detail = await outbox.show(sequence)
        if detail is None:
            return answers.error(
                HTTPStatus.NOT_FOUND, "unknown_sequence", f"There is no sale with sequence {sequence}."
            )
        tries = [show_attempt(attempt) for attempt in await outbox.tries(sequence)]
        history = [show_entry(entry) for entry in await repair.history(sequence)]
        return answers.ok({**show_detail(detail), "tries": tries, "history": history})

    return router


def show_row(row: Row) -> dict[str, Any]:
    """Give a revision as JSON; times are seconds since 1970.

    `call` is the endpoint of a deferred call, null for a sale; its `transaction_id` is that of the sale it belongs to.
    """
    return {
        "sequence": row.sequence,
        "transaction_id": row.transaction_id if row.call is None else row.follows,
        "call": row.call,
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
    """Give everything kept of a revision; `payload` is the text that is sent, to the letter.

    It is null where it was dropped after the sale was settled, to make room on a full disk.
    """
    return {
        **show_row(detail.row),
        "digest": detail.digest.hex(),
        "delivery": "live" if detail.live else "queued",
        "warnings": detail.warnings,
        "platform_said": detail.said,
        "fields": detail.fields,
        "burst": detail.burst,
        "request_id": detail.request_id,
        "container_fields": detail.forwarded,
        "payload": None if detail.payload is None else detail.payload.decode(),
    }


def show_attempt(attempt: Attempt) -> dict[str, Any]:
    """Give tries in a row that came to the same as JSON; times are seconds since 1970."""
    return {
        "first_at": attempt.first_at / 1000,
        "last_at": attempt.last_at / 1000,
        "times": attempt.times,
        "words": attempt.words,
        "said": attempt.said,
    }
