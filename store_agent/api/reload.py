"""Taking over a changed configuration without a restart: `/v1/reload`."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from store_agent.api import answers
from store_agent.api.asked import Changing
from store_agent.api.roles import managers_only
from store_agent.api.shapes import status as shapes
from store_agent.api.shapes.container import answered
from store_agent.errors import ConfigurationError

Reload = Callable[[str, str], Awaitable[list[str]]]
"""Takes over the configuration, asked for by somebody for a reason; gives the tables whose changes want a restart.

Raises ConfigurationError.
"""


def reload_routes(reload: Reload) -> APIRouter:
    """Make the routes."""
    router = APIRouter(tags=["configuration"], dependencies=[Depends(managers_only)])

    @router.post(
        "/v1/reload",
        summary="Read the platform's address and credentials again, and send by them",
        responses=answered(shapes.Reloaded)
        | {409: {"description": "`configuration_refused`: it cannot be used; the agent goes on as before"}},
    )
    async def take_over(request: Request, asked: Changing | None = None) -> Response:
        """Sales go on meanwhile; `restart_for` are tables whose changes take effect when the agent is restarted."""
        asked = asked or Changing()
        try:
            return answers.ok({"restart_for": await reload(asked.person(request), asked.reason)})
        except ConfigurationError as error:
            return answers.error(HTTPStatus.CONFLICT, "configuration_refused", str(error))

    return router
