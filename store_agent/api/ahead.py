"""Receipt codes before their sale: `POST /v1/receipts`, for guest checks and for the parts of a split one."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from store_agent.api import answers
from store_agent.api.seams import Ahead, Space
from store_agent.api.shapes import receipts as shapes
from store_agent.api.shapes.container import answered
from store_agent.domain import fields
from store_agent.errors import DiskFull
from store_agent.storage.ahead import PAYMENTS_MAX

CODE_BYTES = 1_024
"""Room that a code needs, with its indexes and its part of the journal."""

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    409: {"description": "`no_receipt_codes`: receipts here carry none; `too_many_codes`: the check goes without one"}
}


def _transaction_id(value: str) -> str:
    return _documented(value, fields.TRANSACTION["transaction_id"])


def _payment_id(value: str) -> str:
    return _documented(value, fields.PAYMENT["payment_id"])


def _documented(value: str, field: fields.Field) -> str:
    """Hold a name against what a sale may hold in its place."""
    if not field.accepts(value):
        raise PydanticCustomError("name", "must be text (without control characters)")
    return value


class AskedAhead(BaseModel):
    """A sale that will come, and the ids of its payments as they will stand in it; none are known yet if left out."""

    model_config = ConfigDict(extra="forbid")

    transaction_id: Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_transaction_id)]
    payments: Annotated[
        list[Annotated[str, Field(max_length=64), AfterValidator(_payment_id)]], Field(max_length=PAYMENTS_MAX)
    ] = []


def ahead_routes(ahead: Ahead, space: Space, base_url: str | None) -> APIRouter:
    """Make the route; `base_url` is what a code is put behind."""
    router = APIRouter(tags=["receipts"])

    @router.post(
        "/v1/receipts", summary="Receipt codes before the sale is final", responses=answered(shapes.Minted) | _PROBLEMS
    )
    async def mint(asked: AskedAhead, request: Request) -> Response:
        """Give one code for the whole sale, or one for each of several payments; asked again, the same ones."""
        if space.admit(CODE_BYTES * (len(asked.payments) + 1)):
            codes = await ahead.codes(request.state.caller.name, asked.transaction_id, asked.payments)
        elif (known := await ahead.known(asked.transaction_id, asked.payments)) is not None:
            codes = known
        else:
            raise DiskFull(space.words)
        receipts = [code.as_json(base_url) for code in codes]
        return answers.ok({"transaction_id": asked.transaction_id, "receipts": receipts})

    return router
