"""Counts answers by their status, whoever gives them."""

from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Counted:
    """An ASGI application in front of another; `hear` is told the status of every answer as it begins."""

    def __init__(self, inside: ASGIApp, hear: Callable[[int], None]) -> None:
        self._inside = inside
        self._hear = hear

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._hear(message["status"])
            await send(message)

        await self._inside(scope, receive, told)
