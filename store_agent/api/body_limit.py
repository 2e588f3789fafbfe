"""Reads the bodies of the routes that the framework manages, so that its decoder meets only what is bounded."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from store_agent.api import answers
from store_agent.api.limits import CallerGone, Limits, read_body
from store_agent.domain.jsontext import read_text
from store_agent.errors import BadInput, Busy


class BodyLimit:
    """Reads the bodies of the managed routes within the limits, before the framework sees them."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request with a body that is complete and small enough."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            body = await read_body(scope, receive, self._limits.body_bytes_max, self._limits.body_timeout)
            read_text(body)  # its nesting
        except (BadInput, Busy) as problem:
            await answers.refusal(problem)(scope, receive, send)
            return
        except CallerGone:
            return
        unread = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return unread.pop() if unread else await receive()

        await self._app(scope, replay, send)
