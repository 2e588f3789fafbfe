"""Refuses a method that a path does not take, and names all that it does (RFC 9110, section 15.5.6).

A path written out comes before one with a part left open: `/v1/outbox/retry` is no sequence, whatever the method.
"""

import re
from collections.abc import Iterable
from http import HTTPStatus

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from store_agent.api import answers


class Methods:
    """An ASGI application in front of the one that routers make."""

    def __init__(self, app: ASGIApp, routers: Iterable[APIRouter]) -> None:
        self._app = app
        self._fixed: dict[str, set[str]] = {}
        self._open: list[tuple[re.Pattern[str], set[str]]] = []
        for router in routers:
            for route in router.routes:
                if isinstance(route, APIRoute):
                    self._add(route)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        takes = self._takes(scope["path"]) if scope["type"] == "http" else set()
        if not takes or scope["method"] in takes:
            await self._app(scope, receive, send)
            return
        message = "This address does not take that method; see /openapi.json."
        allowed = {"Allow": ", ".join(sorted(takes))}
        refused = answers.error(HTTPStatus.METHOD_NOT_ALLOWED, "method", message, headers=allowed)
        await refused(scope, receive, send)

    def _add(self, route: APIRoute) -> None:
        methods = set(route.methods or ())
        if "{" in route.path:
            self._open.append((route.path_regex, methods))
        else:
            self._fixed.setdefault(route.path, set()).update(methods)

    def _takes(self, path: str) -> set[str]:
        """Give the methods of a path; none if there is no such path."""
        if path in self._fixed:
            return self._fixed[path]
        return {method for pattern, methods in self._open if pattern.match(path) for method in methods}
