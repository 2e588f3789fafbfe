"""Which web pages may call the agent, and by which names it may be called; looked at before anything else (G15).

The Host must be one of the agent's names, so that a web page that re-points its own name here gets nothing (DNS
rebinding). Pages are refused by Origin and Sec-Fetch-Site, and without any CORS header, but for those of the configured
origins (Fetch Standard, CORS protocol). A page of a public site also needs leave to call a machine of the store
(Private Network Access, now Local Network Access: browsers ask for it in the preflight, or the user).
"""

from collections.abc import Iterable
from http import HTTPStatus

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from store_agent.api import answers
from store_agent.api.hosts import Hosts

PREFLIGHT_SECONDS = 600
"""How long a browser may remember what it was allowed; an origin that is taken away counts at its next call anyway."""

_SAME_SITE = {b"same-origin", b"none"}
_ASKED = b"access-control-request-method"
_ASKED_NETWORK = b"access-control-request-private-network"
_VARY = b"Origin"
_VARY_PREFLIGHT = (
    "Origin, Access-Control-Request-Method, Access-Control-Request-Headers, Access-Control-Request-Private-Network"
)
_ALLOWED = {
    "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Last-Event-ID",
    "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
    "Vary": _VARY_PREFLIGHT,
}
_EXPOSED = b"Age, Retry-After"


class Sites:
    """An ASGI application in front of another. `origins` are exact: scheme, host and port, as browsers send them."""

    def __init__(self, inside: ASGIApp, allowed_hosts: Iterable[str], origins: Iterable[str] = ()) -> None:
        self._inside = inside
        self._hosts = Hosts(allowed_hosts)
        self._origins = frozenset(origin.encode() for origin in origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it."""
        if scope["type"] == "http":
            headers = dict(scope["headers"])
            answer = self._answer(scope["method"], headers)
            if answer is not None:
                await answer(scope, receive, send)
                return
            if b"origin" in headers:
                send = _shared(send, headers[b"origin"])
        await self._inside(scope, receive, send)

    def _answer(self, method: str, headers: dict[bytes, bytes]) -> Response | None:
        refused = self._hosts.refuse(headers)
        if refused is not None:
            return refused
        origin = headers.get(b"origin")
        if origin is None and headers.get(b"sec-fetch-site", b"none") in _SAME_SITE:
            return None
        if origin is None or origin not in self._origins:
            return answers.error(HTTPStatus.FORBIDDEN, "origin_not_allowed", "Web pages may not call the agent.")
        return _preflight(origin, headers) if method == "OPTIONS" and _ASKED in headers else None


def _preflight(origin: bytes, headers: dict[bytes, bytes]) -> Response:
    """Answer what a browser asks before the call itself; it comes without credentials."""
    allowed = {"Access-Control-Allow-Origin": origin.decode("ascii"), **_ALLOWED}
    if headers.get(_ASKED_NETWORK) == b"true":
        allowed["Access-Control-Allow-Private-Network"] = "true"
    return Response(status_code=HTTPStatus.NO_CONTENT, headers=allowed)


def _shared(send: Send, origin: bytes) -> Send:
    """Let the page read the answer."""

    async def shared(message: Message) -> None:
        if message["type"] == "http.response.start":
            more = [
                (b"access-control-allow-origin", origin),
                (b"access-control-expose-headers", _EXPOSED),
                (b"vary", _VARY),
            ]
            message = {**message, "headers": [*message.get("headers", ()), *more]}
        await send(message)

    return shared
