"""The receipt desk: `/v1/receipts/find`, by whatever a guest knows of a receipt."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from store_agent.api import answers
from store_agent.api.filters import DECIMALS_MAX
from store_agent.api.receipts import show_receipt
from store_agent.api.seams import Desk, Line, Receipts
from store_agent.api.shapes import found as shapes
from store_agent.api.shapes.container import answered
from store_agent.clock import Clock
from store_agent.domain import money
from store_agent.domain.scanned import SCANNED_MAX, codes_meant
from store_agent.errors import BadInput, FieldError
from store_agent.storage.desk import END_LETTERS, AmountAsked, Found, plain

END_LETTERS_MAX = 12
"""Letters of an end: the last group of a UUID."""

WITHIN_MINUTES = 60
"""How far from a time is looked if nothing is said."""

WITHIN_MINUTES_MAX = 1_440
"""A day: who remembers less than that does better with the amount in the list of sales."""

_END = re.compile(rf"[0-9a-z]{{{END_LETTERS},{END_LETTERS_MAX}}}")
_KINDS = ("code", "transaction_id", "last", "amount")


def _end(text: str) -> str:
    if not _END.fullmatch(plain(text)):
        message = f"must be the last {END_LETTERS} to {END_LETTERS_MAX} letters or digits, dashes not counted"
        raise PydanticCustomError("end", "{message}", {"message": message})
    return text


def _moment(text: str) -> datetime:
    """Read a time; one without a zone is the store's own. What is before all or after all times is none."""
    try:
        moment = datetime.fromisoformat(text.strip()).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        message = "must be a time such as 2026-03-01T14:02 (the store's own) or 2026-03-01T13:02Z"
        raise PydanticCustomError("time", "{message}", {"message": message}) from None
    return moment


_Amount = Annotated[Decimal, Field(ge=-money.LIMIT, le=money.LIMIT, decimal_places=DECIMALS_MAX, allow_inf_nan=False)]
_Text = Annotated[str, Field(min_length=1, max_length=SCANNED_MAX)]


class FindQuery(BaseModel):
    """What is known of a receipt: exactly one of code, transaction_id, last, or amount with `around`."""

    model_config = ConfigDict(extra="forbid")

    code: _Text | None = Field(None, description="a receipt code, or the whole address of a QR code as scanned")
    transaction_id: _Text | None = Field(None, description="the id of the sale, to the letter")
    last: Annotated[_Text, AfterValidator(_end)] | None = Field(
        None, description="the last 4 to 12 letters or digits of a code or of a transaction's id; case is no matter"
    )
    amount: _Amount | None = Field(None, description="the amount of the sale with tax, in currency units, exactly")
    around: Annotated[datetime, BeforeValidator(_moment)] | None = Field(
        None, description="when it was taken, ISO 8601; without a zone in the store's own time"
    )
    within_minutes: int = Field(WITHIN_MINUTES, ge=1, le=WITHIN_MINUTES_MAX, description="so far from `around`")


def desk_routes(receipts: Receipts, desk: Desk, line: Line, clock: Clock, base_url: str | None) -> APIRouter:
    """Make the route; `base_url` is what a code is put behind."""
    router = APIRouter(tags=["receipts"])

    @router.get(
        "/v1/receipts/find",
        summary="Receipts by a code, a sale, their last letters, or amount and time",
        responses=answered(shapes.Receipts),
    )
    async def find(query: Annotated[FindQuery, Query()]) -> Response:
        """Give up to 50 receipts, newest first; `complete` tells that there are no others.

        A sale whose guest is known printed none: `/v1/outbox?text=` finds it.
        """
        _refuse_unclear(query)
        found = await _find(query, receipts, desk)
        shown = [show_receipt(one, base_url, line.link, clock.wall()) for one in found.receipts]
        return answers.ok({"receipts": shown, "complete": found.complete})

    return router


async def _find(query: FindQuery, receipts: Receipts, desk: Desk) -> Found:
    if query.code is not None:
        receipt = await receipts.find(codes_meant(query.code))
        return Found([] if receipt is None else [receipt], complete=True)
    if query.transaction_id is not None:
        return await desk.of_transaction(query.transaction_id)
    if query.last is not None:
        return await desk.ending(query.last)
    return await desk.of_amount(_amount_asked(query))


def _amount_asked(query: FindQuery) -> AmountAsked:
    assert query.amount is not None  # noqa: S101 - refused before
    assert query.around is not None  # noqa: S101 - refused before
    around, within = query.around.timestamp(), query.within_minutes * 60
    return AmountAsked(money.to_units(query.amount), int((around - within) * 1000), int((around + within) * 1000))


def _refuse_unclear(query: FindQuery) -> None:
    """Raise BadInput unless it is exactly one kind of question, and a whole one."""
    given = [name for name in _KINDS if getattr(query, name) is not None]
    if len(given) != 1:
        raise _bad_fields(given or _KINDS, "give exactly one of code, transaction_id, last and amount")
    if query.amount is not None and query.around is None:
        raise _bad_fields(["around"], "is needed with an amount: about when the sale was taken")
    beside = [name for name in ("around", "within_minutes") if name in query.model_fields_set]
    if query.amount is None and beside:
        raise _bad_fields(beside, "goes with an amount only")


def _bad_fields(names: Sequence[str], message: str) -> BadInput:
    fields = tuple(FieldError(name, message) for name in names)
    return BadInput("invalid_field", f"{names[0]}: {message}.", fields=fields)
