"""Counts answers by their status, whoever gives them, and faults of the agent itself."""

from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from store_agent.api.bugs import FAULT, note_bug


class Counted:
    """An ASGI application in front of another.

    `hear` is told the status of every answer as it begins, `failed` of every request at which the agent itself failed,
    once it is over. A status of 500 does not tell that: the platform's own is passed on.
    """

    def __init__(
        self, inside: ASGIApp, hear: Callable[[int], None], failed: Callable[[Scope], None] | None = None
    ) -> None:
        self._inside = inside
        self._hear = hear
        self._failed = failed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        state = scope.setdefault("state", {})

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._hear(message["status"])
            await send(message)

        try:
            await self._inside(scope, receive, told)
        except Exception as problem:
            if FAULT not in state:  # else it was answered, and the framework raises it for servers that log it again
                note_bug(problem, scope)
                raise
        finally:
            if self._failed is not None and FAULT in state:
                self._failed(scope)
