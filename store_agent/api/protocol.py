"""uvicorn's HTTP protocol with what it lacks: deadlines, bounds, answers in the container, and nothing ambiguous.

uvicorn itself never gives up on a caller who sends half a head, or who never reads its answer. Deadlines of a body are
kept by `limits.read_body`; here are those of the head, of an answer that is not taken, and of the whole request.
"""

import asyncio
import json
from http import HTTPStatus
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from store_agent.api.answers import error_body
from store_agent.api.connections import CONNECTION, Connections
from store_agent.api.heads import HEADERS_MAX, why_ambiguous
from store_agent.api.limits import Limits
from store_agent.api.peers import PEER, peer_of
from store_agent.api.tls import names_of

CERTIFICATE = "store_agent.certificate"
"""The extension that holds the names in a caller's certificate, where certificates are asked for."""


_NO_UPGRADE = (
    "The agent speaks no other protocol than HTTP/1.1. Have the POS ask without the header Upgrade (in Java: "
    "HttpClient.Version.HTTP_1_1)."
)
"""Not ignored, as it may be (RFC 9110, section 7.8): the parser then loses the body, and with it the sale."""


class _Refused(Exception):
    """Ends the parsing; what is answered stands in the protocol."""


class _Leaving:
    """Where the last answer of a connection is written to: closed, it still takes what the caller is sending.

    A connection that is closed with bytes unread is reset, and the caller may never read its answer (RFC 9112,
    section 9.6).
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self.write = transport.write
        self.is_closing = transport.is_closing

    def close(self) -> None:
        """End the writing; TLS cannot, and leaves it to the caller to read that this was the last answer."""
        if self._transport.can_write_eof():
            self._transport.write_eof()


class BoundedProtocol(HttpToolsProtocol):
    """One connection. Subclass it through `bounded` to set its limits."""

    limits: ClassVar[Limits]
    others: ClassVar[Connections]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.address = ""
        self.handshake: asyncio.Task[None] | None = None
        self._extensions: dict[str, Any] = {CONNECTION: self}
        self._head_deadline: asyncio.TimerHandle | None = None
        self._request_deadline: asyncio.TimerHandle | None = None
        self._untaken_deadline: asyncio.TimerHandle | None = None
        self._request_since = 0.0
        self._head_bytes = 0
        self._open_bytes = 0
        self._head_open = False
        self._leaving = False
        self._active: Any = None
        self._refusal = (HTTPStatus.BAD_REQUEST, "invalid_http", "This is not HTTP.")

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock for the first head, or turn the caller away."""
        super().connection_made(transport)
        self.handshake = None  # the address stays: whoever is gone already has none any more, and is not from here
        self._know_peer(transport)
        full = self.others.enter(self)
        if full:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "busy", full)
        else:
            self._watch_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clocks, and make room."""
        self.others.leave(self)
        self._unwatch_head()
        for deadline in (self._request_deadline, self._untaken_deadline):
            if deadline is not None:
                deadline.cancel()
        self._disconnect()
        super().connection_lost(exc)

    def cut(self) -> None:
        """Close at once, whatever is under way."""
        if self.handshake is not None:
            self.handshake.cancel()
        elif self.transport is not None:
            self._disconnect()
            self.transport.abort()

    def belongs_to(self, name: str, token: bytes) -> bool:
        """Note whose it is by its last request; gives whether that caller may have one more."""
        return self.others.belongs(self, name, token)

    def take_time(self) -> None:
        """Let the request in hand take as long as it needs."""
        self._request_since = float("inf")

    def hang_up(self) -> None:
        """Let the answer in hand be the last one, unless its request is all here: the rest of a body is not read."""
        if self._active.more_body:
            self._leaving = True
            self._active.keep_alive = False
            self._active.transport = _Leaving(self.transport)

    def data_received(self, data: bytes) -> None:
        """Take bytes. Whoever sends some without a request in hand has until the deadline to make one of them."""
        if self._leaving:
            return
        unfinished = self._head_open
        super().data_received(data)
        if self.transport.is_closing():
            return
        self._open_bytes = self._open_bytes + len(data) if unfinished and self._head_open else 0
        if self._open_bytes > self.limits.header_bytes_max:
            self._refusal = self._too_large()
            self.send_400_response("")
        elif self._head_deadline is None and not self._request_in_hand():
            self._watch_head()

    def on_message_begin(self) -> None:
        """Note that a head begins, and who sends it if that is known."""
        self._head_open = True
        self._head_bytes = 0
        self._request_since = self.loop.time()
        if self._request_deadline is None:
            self._watch_request(self.limits.request_timeout)
        super().on_message_begin()
        self.scope["extensions"] = self._extensions

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a line of the head; there are bounds, and none may come behind the body."""
        if not self._head_open:
            self._end(HTTPStatus.BAD_REQUEST, "invalid_http", "Headers behind the body (trailers) are not taken.")
        self._head_bytes += len(name) + len(value)
        if self._head_bytes > self.limits.header_bytes_max or len(self.headers) >= HEADERS_MAX:
            self._end(*self._too_large())
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Note that a head is complete, unless it could be read in two ways."""
        words = why_ambiguous(self.url, self.parser.get_http_version(), self.headers)
        if self.parser.should_upgrade():
            words = _NO_UPGRADE
        if words:
            self._end(HTTPStatus.BAD_REQUEST, "invalid_http", words)
        self._head_open = False
        self._unwatch_head()
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """Give the caller its time to take what is not yet with it, where this was the last answer."""
        super().on_response_complete()
        if self._leaving or self.transport.is_closing():
            self._watch_untaken()

    def pause_writing(self) -> None:
        """Start the clock for an answer that is not taken."""
        super().pause_writing()
        self._watch_untaken()

    def resume_writing(self) -> None:
        """Stop that clock."""
        super().resume_writing()
        if self._untaken_deadline is not None and not (self._leaving or self.transport.is_closing()):
            self._untaken_deadline.cancel()
            self._untaken_deadline = None

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that is not used."""
        super().timeout_keep_alive_handler()
        self._watch_untaken()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the refusal says more
        """Answer what is refused in the container; not before an answer that is still to come, which it would seem."""
        if self._may_answer():
            self._refuse(*self._refusal)
        else:
            self.cut()

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        """Note which request is answered: of several that came together it is not the one that came last."""
        self._active = cycle
        super()._start_asgi_task(cycle, app)

    def _disconnect(self) -> None:
        """Let what is answered write no more: a transport that is closed takes nothing, and would say so loudly."""
        for cycle in (self._active, self.cycle):
            if cycle is not None and not cycle.response_complete:
                cycle.disconnected = True
                cycle.message_event.set()

    def _end(self, status: HTTPStatus, code: str, message: str) -> None:
        self._refusal = (status, code, message)
        raise _Refused

    def _too_large(self) -> tuple[HTTPStatus, str, str]:
        most = f"{self.limits.header_bytes_max} bytes or {HEADERS_MAX} lines"
        message = f"The head of the request is larger than {most}."
        return HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "header_too_large", message

    def _request_in_hand(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _may_answer(self) -> bool:
        if not self._request_in_hand():
            return True
        about_this = not self._head_open and self.cycle.more_body and not self.pipeline
        return about_this and not self.cycle.response_started

    def _know_peer(self, transport: asyncio.Transport) -> None:
        peer = peer_of(transport)
        if peer is not None:
            self._extensions[PEER] = peer
        names = names_of(transport)
        if names is not None and self.address:
            self._extensions[CERTIFICATE] = names

    def _watch_head(self) -> None:
        self._head_deadline = self.loop.call_later(self.limits.header_timeout, self._head_expired)

    def _unwatch_head(self) -> None:
        if self._head_deadline is not None:
            self._head_deadline.cancel()
            self._head_deadline = None

    def _head_expired(self) -> None:
        message = f"The head of the request did not arrive within {self.limits.header_timeout:g} seconds."
        self._refuse(HTTPStatus.REQUEST_TIMEOUT, "header_timeout", message)

    def _watch_request(self, seconds: float) -> None:
        self._request_deadline = self.loop.call_later(seconds, self._look_at_request)

    def _look_at_request(self) -> None:
        """Cut off a request that takes too long. One clock serves all requests of a connection: most take no time."""
        self._request_deadline = None
        if not self._request_in_hand():
            return
        left = self._request_since + self.limits.request_timeout - self.loop.time()
        if left <= 0:
            self.cut()
        else:
            self._watch_request(min(left, self.limits.request_timeout))

    def _watch_untaken(self) -> None:
        if self._untaken_deadline is None:
            self._untaken_deadline = self.loop.call_later(self.limits.answer_timeout, self.cut)

    def _refuse(self, status: HTTPStatus, code: str, message: str) -> None:
        if self.transport.is_closing():
            return
        body = json.dumps(error_body(code, message)).encode()
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()
        self._watch_untaken()


def bounded(limits: Limits, connections: Connections) -> type[BoundedProtocol]:
    """Make the protocol class for these limits; uvicorn wants a class, not an instance."""
    return type("BoundedProtocol", (BoundedProtocol,), {"limits": limits, "others": connections})


def other_machine(client: tuple[Any, ...] | None, server: tuple[Any, ...] | None) -> str:
    """Give the address of a caller on another machine; empty on this one, also by its own address or a Unix socket."""
    if client is None or client[0].startswith("127.") or client[0] == "::1":
        return ""
    return "" if server is not None and client[0] == server[0] else str(client[0])
