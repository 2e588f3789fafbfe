"""The routes that the framework does not see: those that every sale takes, and what is passed on as it came."""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send


class PlainPaths:
    """Sends exact paths, and what begins like some, straight to their application, all others to the rest."""

    def __init__(
        self,
        exact: Mapping[str, Callable[[Scope, Receive, Send], Any]],
        prefixes: Mapping[str, Callable[[Scope, Receive, Send], Any]],
        rest: ASGIApp,
    ) -> None:
        self._exact = exact
        self._prefixes = prefixes
        self._rest = rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Route a request; an exact path stands in `scope["plain_route"]` as what the framework calls `route`."""
        await self._route(scope)(scope, receive, send)

    def _route(self, scope: Scope) -> Callable[[Scope, Receive, Send], Any]:
        if scope["type"] != "http":
            return self._rest
        path = scope["path"]
        if path in self._exact:
            scope["plain_route"] = path
            return self._exact[path]
        return next((route for prefix, route in self._prefixes.items() if path.startswith(prefix)), self._rest)
