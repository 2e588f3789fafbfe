"""Lets in who may come in, before anything else looks at a request (DESIGN, section 8).

The Host must be one of this machine's names, so that a web page that re-points its own name here gets nothing
(DNS rebinding). Other sites' pages are refused by Origin and Sec-Fetch-Site. Bodies must be JSON.
"""

from collections.abc import Iterable
from http import HTTPStatus

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from store_agent.api import answers
from store_agent.api.callers import Caller, Callers
from store_agent.api.hosts import Hosts
from store_agent.api.peers import PEER

OPEN_PATHS = frozenset({"/healthz", "/openapi.json"})
"""Routes without credentials: they tell nothing about the store."""

_NO_TERMINAL = (
    "The terminal's name or token is wrong. The manager can add a terminal with: store-agent terminal add NAME"
)
_NO_MANAGER = (
    "Only members of the managers' group may use this socket without a token. Whoever looks after this machine can add "
    "you to the group that api.managers_group names."
)
_SAME_SITE = {b"same-origin", b"none"}
_WITHOUT_BODY = {"GET", "HEAD", "DELETE", "OPTIONS"}


class Door:
    """An ASGI application in front of another; puts the Caller into `scope["state"]["caller"]`."""

    def __init__(self, inside: ASGIApp, callers: Callers, allowed_hosts: Iterable[str]) -> None:
        self._inside = inside
        self._callers = callers
        self._hosts = Hosts(allowed_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "http":
            refused = await self._refuse(scope)
            if refused is not None:
                await refused(scope, receive, send)
                return
        await self._inside(scope, receive, send)

    async def _refuse(self, scope: Scope) -> Response | None:
        headers = dict(scope["headers"])
        return (
            self._hosts.refuse(headers)
            or _refuse_other_sites(headers)
            or await self._refuse_stranger(scope, headers)
            or _refuse_media(scope, headers)
        )

    async def _refuse_stranger(self, scope: Scope, headers: dict[bytes, bytes]) -> Response | None:
        if scope["path"] in OPEN_PATHS:
            return None
        caller = await self._recognise(scope, headers)
        if caller is not None:
            scope.setdefault("state", {})["caller"] = caller
            return None
        message = _NO_MANAGER if _nameless(scope, headers) else _NO_TERMINAL
        challenge = {"WWW-Authenticate": 'Basic realm="store-agent", charset="UTF-8"'}
        return answers.error(HTTPStatus.UNAUTHORIZED, "unauthorized", message, headers=challenge)

    async def _recognise(self, scope: Scope, headers: dict[bytes, bytes]) -> Caller | None:
        """Return who calls. Credentials come before the peer, so that terminals may use the socket, too."""
        if _nameless(scope, headers):
            return await self._callers.recognise_peer(scope["extensions"][PEER])
        return self._callers.recognise(headers.get(b"authorization", b""))


def _nameless(scope: Scope, headers: dict[bytes, bytes]) -> bool:
    """Tell whether the caller comes over the Unix socket and gives no credentials."""
    return b"authorization" not in headers and PEER in scope.get("extensions", ())


def _refuse_other_sites(headers: dict[bytes, bytes]) -> Response | None:
    if b"origin" not in headers and headers.get(b"sec-fetch-site", b"none") in _SAME_SITE:
        return None
    message = "Web pages may not call the agent."
    return answers.error(HTTPStatus.FORBIDDEN, "origin_not_allowed", message)


def _refuse_media(scope: Scope, headers: dict[bytes, bytes]) -> Response | None:
    if scope["method"] in _WITHOUT_BODY or _is_empty(headers):
        return None
    media = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if media == b"application/json":
        return None
    message = "The body must be JSON with the header Content-Type: application/json; nothing was stored."
    return answers.error(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "media_type", message)


def _is_empty(headers: dict[bytes, bytes]) -> bool:
    """Tell whether a request has no body, which then is of no type."""
    return b"transfer-encoding" not in headers and headers.get(b"content-length", b"0") == b"0"
