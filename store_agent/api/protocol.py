"""uvicorn's HTTP protocol with what it lacks: a deadline for heads, a bound on connections, answers in the container.

uvicorn itself never gives up on a caller who sends half a head.
"""

import asyncio
import json
from http import HTTPStatus
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from store_agent.api.answers import error_body
from store_agent.api.limits import Limits
from store_agent.api.peers import PEER, Peer, peer_of

HEAD_BYTES_MAX = 65_536
"""A head of a POS plugin is some hundred bytes; this is what common servers take."""


class BoundedProtocol(HttpToolsProtocol):
    """One connection. Subclass it through `bounded` to set its limits."""

    limits: ClassVar[Limits] = Limits()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_deadline: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._head_open = False
        self._peer: Peer | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock for the first head, or turn the caller away."""
        super().connection_made(transport)
        self._peer = peer_of(transport)
        if len(self.connections) > self.limits.connections_max:
            message = "Too many connections to the agent are open; close some and try again."
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "busy", message)
            return
        self._watch_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._unwatch_head()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes. Whoever sends some without a request in hand has until the deadline to make one of them."""
        super().data_received(data)
        if self.transport.is_closing() or self._request_in_hand():
            return
        self._head_bytes = self._head_bytes + len(data) if self._head_open else 0
        if self._head_bytes > HEAD_BYTES_MAX:
            message = f"The head of the request is larger than {HEAD_BYTES_MAX} bytes."
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "header_too_large", message)
        elif self._head_deadline is None:
            self._watch_head()

    def on_message_begin(self) -> None:
        """Note that a head begins, and who sends it if that is known."""
        self._head_open = True
        self._head_bytes = 0
        super().on_message_begin()
        if self._peer is not None:
            self.scope["extensions"] = {PEER: self._peer}  # type: ignore[dict-item]  # uvicorn expects its own only

    def on_headers_complete(self) -> None:
        """Note that a head is complete."""
        self._head_open = False
        self._unwatch_head()
        super().on_headers_complete()

    def _request_in_hand(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def send_400_response(self, msg: str) -> None:
        """Answer what is not HTTP in the container."""
        self._refuse(HTTPStatus.BAD_REQUEST, "invalid_http", msg)

    def _watch_head(self) -> None:
        self._head_deadline = self.loop.call_later(self.limits.header_timeout, self._head_expired)

    def _unwatch_head(self) -> None:
        if self._head_deadline is not None:
            self._head_deadline.cancel()
            self._head_deadline = None

    def _head_expired(self) -> None:
        message = f"The head of the request did not arrive within {self.limits.header_timeout:g} seconds."
        self._refuse(HTTPStatus.REQUEST_TIMEOUT, "header_timeout", message)

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


def bounded(limits: Limits) -> type[BoundedProtocol]:
    """Make the protocol class for these limits; uvicorn wants a class, not an instance."""
    return type("BoundedProtocol", (BoundedProtocol,), {"limits": limits})
