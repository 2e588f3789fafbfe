"""What a route may demand of its caller."""

from http import HTTPStatus

from fastapi import Request

from store_agent.domain.roles import Role
from store_agent.errors import BadInput


async def managers_only(request: Request) -> None:
    """Refuse callers that are not the manager. Raises BadInput `forbidden` (403)."""
    if request.state.caller.role is not Role.MANAGER:
        raise BadInput("forbidden", "Only the manager may do this.", status=HTTPStatus.FORBIDDEN)
