"""As whom a caller is known: `/v1/me`."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from store_agent import __version__
from store_agent.api import answers
from store_agent.api.peers import PEER
from store_agent.api.shapes import status as shapes
from store_agent.api.shapes.container import answered


def me_routes(store_id: str) -> APIRouter:
    """Make the route."""
    router = APIRouter(tags=["status"])

    @router.get(
        "/v1/me", summary="As whom the agent knows its caller, and by which way", responses=answered(shapes.Caller)
    )
    async def me(request: Request) -> Response:
        caller = request.state.caller
        return answers.ok(
            {
                "name": caller.name,
                "role": caller.role.value,
                "over": "socket" if PEER in request.scope.get("extensions", {}) else "tcp",
                "store_id": store_id,
                "version": __version__,
            }
        )

    return router
