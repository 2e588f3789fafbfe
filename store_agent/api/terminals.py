"""Managing who may call: `/v1/terminals`, for the manager."""

from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field
from starlette.responses import Response

from store_agent.api import answers
from store_agent.api.asked import Changing
from store_agent.api.callers import Callers
from store_agent.api.connections import CONNECTION
from store_agent.api.roles import managers_only
from store_agent.api.seams import Terminals
from store_agent.api.shapes import status as shapes
from store_agent.api.shapes.container import answered
from store_agent.domain.roles import Role
from store_agent.storage.terminals import OVERLAP_SECONDS_MAX, Terminal

_DEEDS = {
    "added": "A terminal was let in:",
    "rotated": "A terminal was given another token:",
    "revoked": "A terminal was shut out:",
}

_log = structlog.get_logger("api")


class NewTerminal(Changing):
    """A terminal to let in; a manager's may do what managers do."""

    name: str
    role: Role = Role.CASHIER


class Rotation(Changing):
    """For how many seconds in which the agent runs the token before stays good."""

    overlap_seconds: Annotated[float, Field(ge=0, le=OVERLAP_SECONDS_MAX)] = 0.0


def terminal_routes(terminals: Terminals, callers: Callers) -> APIRouter:
    """Make the routes; `callers` learns of every change at once."""
    router = APIRouter(tags=["terminals"], dependencies=[Depends(managers_only)])

    @router.get("/v1/terminals", summary="All terminals, revoked ones included", responses=answered(shapes.Terminals))
    async def listed() -> Response:
        shown = [show_terminal(terminal, callers.seen.get(terminal.name)) for terminal in await terminals.all()]
        return answers.ok({"terminals": shown})

    @router.post(
        "/v1/terminals", summary="Let a terminal in; its token is shown only here", responses=answered(shapes.Added)
    )
    async def add(new: NewTerminal, request: Request) -> Response:
        token = await terminals.add(new.name, new.person(request), new.reason, new.role)
        await callers.learn(terminals)
        _note("added", new.name, new.person(request))
        return answers.ok({"terminal": new.name, "role": new.role.value, "token": token})

    @router.post(
        "/v1/terminals/{name}/rotate",
        summary="Give a terminal another token; it is shown only here",
        responses=answered(shapes.Rotated),
    )
    async def rotate(name: str, asked: Rotation, request: Request) -> Response:
        overlap = asked.overlap_seconds
        token = await terminals.rotate(name, overlap, asked.person(request), asked.reason)
        await callers.learn(terminals, request.scope["extensions"][CONNECTION])
        _note("rotated", name, asked.person(request))
        return answers.ok({"terminal": name, "token": token, "former_seconds": int(overlap)})

    @router.delete("/v1/terminals/{name}", summary="Shut a terminal out", responses=answered(shapes.Revoked))
    async def revoke(name: str, asked: Annotated[Changing, Query()], request: Request) -> Response:
        await terminals.revoke(name, asked.person(request), asked.reason)
        await callers.learn(terminals, request.scope["extensions"][CONNECTION])
        _note("revoked", name, asked.person(request))
        return answers.ok({"terminal": name})

    return router


def _note(deed: str, terminal: str, by: str) -> None:
    _log.info(f"terminal.{deed}", words=f"{_DEEDS[deed]} {terminal} (by {by}).", terminal=terminal, by=by)


def show_terminal(terminal: Terminal, seen: float | None = None) -> dict[str, Any]:
    """Give a terminal as JSON; times are seconds since 1970. `seen` is later than what is kept of it.

    `former_seconds` is how long the token before a rotation is still good, None if it is not.
    """
    kept = None if terminal.seen_at is None else terminal.seen_at / 1000
    return {
        "name": terminal.name,
        "role": terminal.role.value,
        "added_at": terminal.added_at / 1000,
        "revoked_at": None if terminal.revoked_at is None else terminal.revoked_at / 1000,
        "seen_at": kept if seen is None else seen,
        "former_seconds": terminal.former_seconds,
    }
