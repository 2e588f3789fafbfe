"""Reads the bodies of the routes that the framework manages, so that its decoder meets only what is bounded."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from store_agent.api import answers
from store_agent.api.cards import CardGuard
from store_agent.api.limits import CallerGone, Limits, read_body
from store_agent.errors import BadInput, Busy

_ASKING = {"GET", "HEAD"}
"""What only asks keeps nothing of its query."""


class BodyLimit:
    """Reads the bodies of the managed routes within the limits, and without card data, before the framework does."""

    def __init__(self, app: ASGIApp, limits: Limits, cards: CardGuard) -> None:
        self._app = app
        self._limits = limits
        self._cards = cards

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request with a body that is complete and small enough."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            body = await read_body(scope, receive, self._limits.body_bytes_max, self._limits.body_timeout)
            await self._cards.refuse(body)
            if scope["method"] not in _ASKING:
                await self._cards.refuse_query(scope["query_string"])
        except (BadInput, Busy) as problem:
            await answers.refusal(problem)(scope, receive, send)
            return
        except CallerGone:
            return
        unread = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return unread.pop() if unread else await receive()

        await self._app(scope, replay, send)
