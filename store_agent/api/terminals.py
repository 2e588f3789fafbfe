"""Managing who may call: `/v1/terminals`, for the manager."""

from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from store_agent.api import answers
from store_agent.api.callers import Callers
from store_agent.api.roles import managers_only
from store_agent.api.seams import Terminals
from store_agent.storage.terminals import Terminal


class NewTerminal(BaseModel):
    """A terminal to let in."""

    model_config = ConfigDict(extra="forbid")

    name: str


def terminal_routes(terminals: Terminals, callers: Callers) -> APIRouter:
    """Make the routes; `callers` learns of every change at once."""
    router = APIRouter(tags=["terminals"], dependencies=[Depends(managers_only)])

    @router.get("/v1/terminals", summary="All terminals, revoked ones included")
    async def listed() -> Response:
        shown = [show_terminal(terminal, callers.seen.get(terminal.name)) for terminal in await terminals.all()]
        return answers.ok({"terminals": shown})

    @router.post("/v1/terminals", summary="Let a terminal in; its token is shown only here")
    async def add(new: NewTerminal) -> Response:
        token = await terminals.add(new.name)
        callers.replace(await terminals.all())
        return answers.ok({"terminal": new.name, "token": token})

    @router.delete("/v1/terminals/{name}", summary="Shut a terminal out")
    async def revoke(name: str) -> Response:
        await terminals.revoke(name)
        callers.replace(await terminals.all())
        return answers.ok({"terminal": name})

    return router


def show_terminal(terminal: Terminal, seen: float | None = None) -> dict[str, Any]:
    """Give a terminal as JSON; times are seconds since 1970. `seen` is later than what is kept of it."""
    kept = None if terminal.seen_at is None else terminal.seen_at / 1000
    return {
        "name": terminal.name,
        "added_at": terminal.added_at / 1000,
        "revoked_at": None if terminal.revoked_at is None else terminal.revoked_at / 1000,
        "seen_at": kept if seen is None else seen,
    }
