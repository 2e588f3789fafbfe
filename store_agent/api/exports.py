"""Taking sales out of the store's books, for the manager: `/v1/outbox/export`, audited."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Depends
from starlette.responses import Response

from store_agent.api import answers
from store_agent.api.asked import Asked
from store_agent.api.outbox import Details
from store_agent.api.repair import Sequences
from store_agent.api.roles import managers_only
from store_agent.api.seams import Exports
from store_agent.api.shapes import queue as shapes
from store_agent.api.shapes.container import answered
from store_agent.domain.repair import Action
from store_agent.domain.summary import count
from store_agent.errors import FieldError
from store_agent.storage.exports import EXPORT_BYTES_MAX, Exported


class Exporting(Asked):
    """Sales to give out, by their sequences."""

    sequences: Sequences


_PROBLEMS: dict[int | str, dict[str, Any]] = {
    404: {"description": "`unknown_sequence`: some do not exist, `fields` say which; nothing was given out"},
    413: {"description": "`too_large`: their texts are too large for one answer; ask for fewer at a time"},
}


def export_routes(exports: Exports, details: Details) -> APIRouter:
    """Make the routes."""
    router = APIRouter(prefix="/v1/outbox", tags=["outbox"], dependencies=[Depends(managers_only)])

    @router.post(
        "/export", summary="Give sales out with their texts; audited", responses=answered(shapes.Export) | _PROBLEMS
    )
    async def export(asked: Exporting) -> Response:
        """Each is noted in the audit with the person and the reason before it is given out."""
        sequences = list(dict.fromkeys(asked.sequences))
        exported = await exports.note(asked.deed(Action.EXPORT), sequences)
        if not exported.done:
            return _refusal(asked.sequences, exported)
        # One that was cleared out just now is left out.
        sales = [await details.of(sequence) for sequence in sequences]
        return answers.ok({"sales": [sale for sale in sales if sale is not None]})

    return router


def _refusal(asked: Sequence[int], exported: Exported) -> Response:
    if exported.missing:
        fields = tuple(
            FieldError(f"sequences.{asked.index(sequence)}", f"There is no sale with sequence {sequence}.")
            for sequence in exported.missing
        )
        missing = count(len(fields), "of these sales does not exist", "of these sales do not exist")
        message = f"{missing}; nothing was exported. First: {fields[0].message}"
        return answers.error(HTTPStatus.NOT_FOUND, "unknown_sequence", message, fields)
    message = (
        f"The texts of these sales are {exported.size:,} bytes together, and one answer holds {EXPORT_BYTES_MAX:,}; "
        f"nothing was exported. {_cure(asked)}"
    )
    return answers.error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", message)


def _cure(asked: Sequence[int]) -> str:
    if len(set(asked)) > 1:
        return "Ask for fewer at a time."
    return f"This one can only be looked at: /v1/outbox/{asked[0]}."
