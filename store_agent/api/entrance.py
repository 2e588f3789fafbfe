"""What callers meet first: the application, or, until the database is open, an honest answer in its place (G12)."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from store_agent import __version__
from store_agent.api import answers
from store_agent.api.sites import Sites


class Entrance:
    """An ASGI application that passes everything on once it is opened; sales are refused until then."""

    def __init__(self, allowed_hosts: Iterable[str], origins: Iterable[str] = ()) -> None:
        self._outside = Sites(self._answer, allowed_hosts, origins)
        self._inside: ASGIApp | None = None
        self._full = False
        self._words = "The agent is starting; nothing was stored. Send the same again in a moment."

    def open(self, inside: ASGIApp) -> None:
        """Let callers in."""
        self._inside = inside

    def wait(self, words: str, *, full: bool) -> None:
        """Say why it takes longer; `full`: the disk has no room to open the database."""
        self._words, self._full = words, full

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or have it answered inside."""
        await (self._inside or self._outside)(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._refusal(scope["path"])(scope, receive, send)

    def _refusal(self, path: str) -> Response:
        if path == "/healthz":
            return answers.ok({"version": __version__})
        if path == "/v1/status":
            return answers.ok(self._status())
        if path.startswith(("/v1", "/readyz", "/metrics")):
            return answers.error(HTTPStatus.SERVICE_UNAVAILABLE, "not_ready", self._words)
        if self._full:
            return answers.disk_full(f"This sale is NOT stored; keep it in the till. {self._words}")
        return answers.error(HTTPStatus.SERVICE_UNAVAILABLE, "starting", self._words, headers={"Retry-After": "1"})

    def _status(self) -> dict[str, Any]:
        """Give what is known without the database; the queue is not."""
        return {"version": __version__, "words": [self._words], "link": None, "outbox": None, "space": None}
