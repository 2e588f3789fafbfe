"""Lets in who may come in, before anything else looks at a request (DESIGN, section 8).

Names and web pages were looked at before (`sites`). Bodies must be JSON.
"""

import math
from asyncio import sleep
from http import HTTPStatus

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from structlog.contextvars import bind_contextvars

from store_agent.api import answers
from store_agent.api.callers import Caller, Callers
from store_agent.api.connections import CONNECTION, FULL_FOR_CALLER
from store_agent.api.failures import Failures
from store_agent.api.peers import PEER
from store_agent.api.protocol import CERTIFICATE
from store_agent.api.rates import Rates
from store_agent.domain.roles import Role
from store_agent.storage.terminals import MANAGER

OPEN_PATHS = frozenset({"/healthz", "/openapi.json"})
"""Routes without credentials: they tell nothing about the store."""

_NO_TERMINAL = (
    "The terminal's name or token is wrong. The manager can add a terminal with: store-agent terminal add NAME"
)
_NO_MANAGER = (
    "Only members of the managers' group may use this socket without a token. Whoever looks after this machine can add "
    "you to the group that api.managers_group names."
)
_CHALLENGE = {"WWW-Authenticate": 'Basic realm="store-agent", charset="UTF-8"'}
_WITHOUT_BODY = {"GET", "HEAD", "DELETE", "OPTIONS"}


class Door:
    """An ASGI application in front of another; puts the Caller into `scope["state"]["caller"]`."""

    def __init__(
        self, inside: ASGIApp, callers: Callers, rates: Rates, failures: Failures, open_paths: frozenset[str]
    ) -> None:
        self._inside = inside
        self._callers = callers
        self._rates = rates
        self._failures = failures
        self._open_paths = open_paths

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
        if scope["path"] in self._open_paths:
            return self._refuse_rush(f"anybody at {_address(scope)}")
        caller = await self._recognise(scope, headers)
        if caller is None:
            return await self._stranger(scope, headers)
        scope.setdefault("state", {})["caller"] = caller
        bind_contextvars(terminal=caller.name)  # for each line that the log gets while this request is answered
        return self._refuse_many(scope, caller) or self._refuse_rush(caller.name) or _refuse_media(scope, headers)

    async def _recognise(self, scope: Scope, headers: dict[bytes, bytes]) -> Caller | None:
        """Return who calls. Credentials come before the peer, so that terminals may use the socket, too."""
        if _nameless(scope, headers):
            return await self._callers.recognise_peer(scope["extensions"][PEER])
        caller = self._callers.recognise(headers.get(b"authorization", b""))
        return caller if caller is not None and _certified(scope, caller) else None

    async def _stranger(self, scope: Scope, headers: dict[bytes, bytes]) -> Response:
        """Answer whoever is not let in, later and later if that goes on; nothing tells what was wrong."""
        if b"authorization" in headers:
            name, known = self._callers.claimed(headers[b"authorization"])
            await sleep(self._failures.note(_address(scope), name, known=known))
        message = _NO_MANAGER if _nameless(scope, headers) else _NO_TERMINAL
        return answers.error(HTTPStatus.UNAUTHORIZED, "unauthorized", message, headers=_CHALLENGE)

    def _refuse_many(self, scope: Scope, caller: Caller) -> Response | None:
        connection = scope["extensions"][CONNECTION]
        if not connection.belongs_to(caller.name, caller.token):
            retry = {"Retry-After": "1", "Connection": "close"}
            return answers.error(HTTPStatus.SERVICE_UNAVAILABLE, "busy", FULL_FOR_CALLER, headers=retry)
        if caller.role is Role.MANAGER:
            connection.take_time()  # what is done to a million sales takes minutes
        return None

    def _refuse_rush(self, caller: str) -> Response | None:
        wait = self._rates.wait(caller)
        if not wait:
            return None
        retry = {"Retry-After": str(math.ceil(wait))}
        message = (
            "This caller sends more requests than the agent takes from one (api.rate_per_second, api.rate_burst); "
            "nothing was stored or changed. Wait a moment, then send the same again."
        )
        return answers.error(HTTPStatus.TOO_MANY_REQUESTS, "too_many_requests", message, headers=retry)


def _nameless(scope: Scope, headers: dict[bytes, bytes]) -> bool:
    """Tell whether the caller comes over the Unix socket and gives no credentials."""
    return b"authorization" not in headers and PEER in scope.get("extensions", ())


def _certified(scope: Scope, caller: Caller) -> bool:
    """Tell whether a caller has the certificate that it needs, if it needs one: with its own name.

    The machine's own manager needs none, and may only call from the machine itself.
    """
    if caller.name == MANAGER:
        return not scope["extensions"][CONNECTION].address
    names = scope["extensions"].get(CERTIFICATE)
    return names is None or caller.name in names


def _address(scope: Scope) -> str:
    """Give the other machine's address; empty for this one."""
    address: str = scope["extensions"][CONNECTION].address
    return address


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
