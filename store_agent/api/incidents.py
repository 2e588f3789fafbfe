"""What went wrong with the database and was mended, until a person acknowledges it: `/v1/incidents` (G13)."""

from http import HTTPStatus
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Path
from pydantic import StringConstraints
from starlette.responses import Response

from store_agent.api import answers
from store_agent.api.asked import REASON_MAX, Asked
from store_agent.api.audit import NUMBER_MAX
from store_agent.api.roles import managers_only
from store_agent.api.seams import Incidents
from store_agent.api.shapes import status as shapes
from store_agent.api.shapes.container import answered
from store_agent.storage.incidents import Incident

Number = Annotated[int, Path(ge=1, le=NUMBER_MAX)]


_log = structlog.get_logger("api")


class Acknowledging(Asked):
    """A person takes notice; the reason says what came of it."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=REASON_MAX)]


_PROBLEMS: dict[int | str, dict[str, Any]] = {404: {"description": "`unknown_incident`: no open incident has it"}}


def incident_routes(incidents: Incidents) -> APIRouter:
    """Make the routes."""
    router = APIRouter(tags=["incidents"], dependencies=[Depends(managers_only)])

    @router.get(
        "/v1/incidents",
        summary="Damage that was found and mended, not yet acknowledged, oldest first",
        responses=answered(shapes.Incidents),
    )
    async def list_open() -> Response:
        return answers.ok({"incidents": [{**show(one), "details": one.details} for one in await incidents.open()]})

    @router.post(
        "/v1/incidents/{number}/acknowledge",
        summary="Take notice of an incident",
        responses=answered(shapes.Acknowledged) | _PROBLEMS,
    )
    async def acknowledge(number: Number, asked: Acknowledging) -> Response:
        """Show it no more; who took notice, when and why stays in the database."""
        if await incidents.acknowledge(number, asked.by, asked.reason):
            words = f"{asked.by} took notice of incident {number}."
            _log.info("incident.acknowledged", words=words, number=number, by=asked.by)
            return answers.ok({"number": number})
        message = f"There is no open incident with number {number}."
        return answers.error(HTTPStatus.NOT_FOUND, "unknown_incident", message)

    return router


def show(incident: Incident) -> dict[str, Any]:
    """Give an incident as JSON, without its details; `at` is seconds since 1970."""
    return {"number": incident.number, "at": incident.at / 1000, "words": incident.words}
