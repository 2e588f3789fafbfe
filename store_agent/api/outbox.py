"""Looking at the queue: `/v1/outbox` and `/v1/outbox/{sequence}` (`repair` changes it)."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from store_agent.api import answers
from store_agent.api.audit import show_entry
from store_agent.api.filters import SEQUENCE_MAX, PageQuery
from store_agent.api.seams import Outbox, Receipts, Repair
from store_agent.api.shapes import queue as shapes
from store_agent.api.shapes.container import answered
from store_agent.clock import Clock
from store_agent.domain import money
from store_agent.domain.lifecycle import Listed
from store_agent.errors import BadInput, FieldError
from store_agent.storage.attempts import Attempt
from store_agent.storage.revisions import Detail, Extent, Page, Row


class Details:
    """Puts everything together that is kept of one revision; `receipt_url` is what a receipt code is put behind."""

    def __init__(self, outbox: Outbox, repair: Repair, receipts: Receipts, receipt_url: str | None) -> None:
        self._outbox = outbox
        self._repair = repair
        self._receipts = receipts
        self._receipt_url = receipt_url

    async def of(self, sequence: int) -> dict[str, Any] | None:
        """Give a revision as JSON, with its tries, what people did to it and the receipt codes of its transaction."""
        detail = await self._outbox.show(sequence)
        if detail is None:
            return None
        tries = [show_attempt(attempt) for attempt in await self._outbox.tries(sequence)]
        history = [show_entry(entry) for entry in await self._repair.history(sequence)]
        codes = await self._receipts.of_transaction(detail.row.transaction_id)
        return {
            **show_detail(detail),
            "tries": tries,
            "receipts": [code.as_json(self._receipt_url) for code in codes],
            "history": history,
        }


def outbox_routes(outbox: Outbox, details: Details, clock: Clock) -> APIRouter:
    """Make the routes."""
    router = APIRouter(tags=["outbox"])

    @router.get(
        "/v1/outbox",
        summary="Revisions after a sequence, oldest first, or before one, newest first",
        responses=answered(shapes.Revisions),
    )
    async def page(query: Annotated[PageQuery, Query()]) -> Response:
        """Go on with `after` = `next_after`, or `before` = `next_before`, until it is null.

        A page may hold fewer than `limit`, even none.
        """
        return answers.ok(show_page(await _page(outbox, query, clock.wall())))

    @router.get(
        "/v1/outbox/extent",
        summary="How far the rows of a state reach, and how many there are",
        responses=answered(shapes.Reach),
    )
    async def extent(state: Listed | None = None) -> Response:
        """Count the rows that are kept, calls included; `first` and `last` are null if there are none."""
        return answers.ok(show_extent(await outbox.kept(state)))

    @router.get(
        "/v1/outbox/{sequence}",
        summary="One revision with its payload, its tries, and what people did to it",
        responses=answered(shapes.RevisionDetail),
    )
    async def show(sequence: Annotated[int, Path(ge=1, le=SEQUENCE_MAX)]) -> Response:
        found = await details.of(sequence)
        if found is None:
            return answers.error(
                HTTPStatus.NOT_FOUND, "unknown_sequence", f"There is no sale with sequence {sequence}."
            )
        return answers.ok(found)

    return router


async def _page(outbox: Outbox, query: PageQuery, now: float) -> Page:
    """Find a page. Raises BadInput where both of its edges are given."""
    which = query.among(query.state, now)
    if query.before is None:
        return await outbox.page(query.after or 0, query.limit, which)
    if query.after is None:
        return await outbox.page_before(query.before, query.limit, which)
    message = "give either after or before"
    fields = (FieldError("after", message), FieldError("before", message))
    raise BadInput("invalid_field", f"after: {message}.", fields=fields)


def show_page(page: Page) -> dict[str, Any]:
    """Give part of the list as JSON."""
    rows = [show_row(row) for row in page.rows]
    return {"revisions": rows, "next_after": page.next_after, "next_before": page.next_before}


def show_extent(extent: Extent) -> dict[str, Any]:
    """Give how far rows reach as JSON."""
    return {
        "first": extent.first,
        "last": extent.last,
        "sales": extent.revisions,
        "amount": str(money.from_units(extent.amount)),
    }


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
