"""What became of the sale on a receipt: `/v1/receipts`, by its code or by what a scanner types."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from store_agent.api import answers
from store_agent.api.outbox import show_row
from store_agent.api.seams import Line, Receipts
from store_agent.api.shapes import found as shapes
from store_agent.api.shapes.container import answered
from store_agent.clock import Clock
from store_agent.domain.link import Link
from store_agent.domain.scanned import SCANNED_MAX, codes_meant
from store_agent.domain.summary import moment
from store_agent.domain.whereabouts import Standing, whereabouts
from store_agent.storage.receipts import Receipt
from store_agent.storage.revisions import Row

UNKNOWN = (
    "No sale of this store has this receipt code. Check that the receipt is from this store and was read whole; codes "
    "are kept for some 400 days after their sale."
)
_PROBLEMS: dict[int | str, dict[str, Any]] = {404: {"description": "`unknown_code`: no sale here has this code"}}


def receipt_routes(receipts: Receipts, line: Line, clock: Clock, base_url: str | None) -> APIRouter:
    """Make the routes; `base_url` is what a code is put behind."""
    router = APIRouter(tags=["receipts"])

    async def find(text: str) -> Response:
        receipt = await receipts.find(codes_meant(text))
        if receipt is None:
            return answers.error(HTTPStatus.NOT_FOUND, "unknown_code", UNKNOWN)
        return answers.ok(show_receipt(receipt, base_url, line.link, clock.wall()))

    @router.get(
        "/v1/receipts", summary="A receipt by what a scanner types", responses=answered(shapes.Receipt) | _PROBLEMS
    )
    async def scanned(scanned: Annotated[str, Query(min_length=1, max_length=SCANNED_MAX)]) -> Response:
        """Take the whole address of the QR code, or the code alone."""
        return await find(scanned)

    @router.get("/v1/receipts/{code}", summary="A receipt by its code", responses=answered(shapes.Receipt) | _PROBLEMS)
    async def show(code: Annotated[str, Path(min_length=1, max_length=SCANNED_MAX)]) -> Response:
        """Take a UUID in any case, with or without dashes. `sale` is null when it is not kept any more."""
        return await find(code)

    return router


def show_receipt(receipt: Receipt, base_url: str | None, link: Link, now: float) -> dict[str, Any]:
    """Give a receipt as JSON; `payment_id` is null for the code of the whole sale, `now` is wall time in seconds.

    `terminal` is the one that sent the sale, or asked for the code before it. `claimable`: the code is handed out.
    """
    sale, used = receipt.sale, receipt.ahead is None
    standing = None if sale is None else _standing(sale, now)
    return {
        **receipt.code.as_json(base_url),
        "minted": receipt.code.minted,
        "used": used,
        "retired": receipt.retired,
        "claimable": receipt.claimable,
        "transaction_id": receipt.transaction_id,
        "terminal": receipt.ahead if sale is None else sale.terminal,
        "sale": None if sale is None else show_row(sale),
        "words": whereabouts(standing, link, used=used, retired=receipt.retired),
    }


def _standing(sale: Row, now: float) -> Standing:
    settled = None if sale.settled_at is None else moment(sale.settled_at / 1000, now)
    return Standing(sale.state, sale.voided, moment(sale.accepted_at / 1000, now), settled, sale.error)
