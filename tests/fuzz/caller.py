"""A caller that sends fuzzed requests over kept connections and reads what is answered."""

import http.client
import socket
from collections import Counter
from contextlib import suppress

from tests.attacks.attempt import Said

SECONDS_MAX = 30.0
"""An answer that takes longer is a request that hangs."""

WAIT_SECONDS = 0.25
"""So long an answer may take to a request that may not be whole, before we say that no more comes."""

DOCUMENTED = frozenset({501, 502, 503, 507})
"""What an agent answers that has no printer, no line, no room or something else to do (tests/contract)."""

CUT = 0
"""Counted in the place of a status where the agent closed without an answer."""


class Caller:
    """Goes on with one connection as long as both sides keep it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None
        self.counts: Counter[int] = Counter()
        self.violations: list[str] = []

    def send(self, sent: bytes, *, whole: bool, name: str) -> None:
        """Send a request and count its answers; what must not be is noted under a name."""
        try:
            statuses = self._answered_whole(sent) if whole else self._answered_to_the_end(sent)
        except TimeoutError:
            self.close()
            self.violations.append(f"{name}: no answer within {SECONDS_MAX:g} s to {sent[:300]!r}")
            return
        self.counts.update(statuses or [CUT])
        for status in statuses:
            if status >= 500 and status not in DOCUMENTED:
                self.violations.append(f"{name}: {status} to {sent[:300]!r}")

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _connect(self) -> socket.socket:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=SECONDS_MAX)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._socket

    def _answered_whole(self, sent: bytes) -> list[int]:
        """Read the one answer; the connection stays."""
        connection = self._connect()
        try:
            connection.sendall(sent)
            with http.client.HTTPResponse(connection) as answer:
                answer.begin()
                answer.read()
                gone = answer.will_close
        except (ConnectionError, http.client.HTTPException):
            self.close()
            return []
        if gone:
            self.close()
        return [answer.status]

    def _answered_to_the_end(self, sent: bytes) -> list[int]:
        """Read all there is, and say after a while that no more comes: nobody knows how many requests this was."""
        connection = self._connect()
        with suppress(ConnectionError):
            connection.sendall(sent)
        connection.settimeout(WAIT_SECONDS)
        received = bytearray()
        try:
            _read(connection, received)
        except TimeoutError:
            connection.settimeout(SECONDS_MAX)
            with suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
            _read(connection, received)
        self.close()
        return Said(bytes(received)).statuses


def _read(connection: socket.socket, received: bytearray) -> None:
    """Read until the agent closes."""
    with suppress(ConnectionError):
        while chunk := connection.recv(65_536):
            received += chunk
