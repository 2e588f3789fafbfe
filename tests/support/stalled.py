"""Callers that keep an agent waiting: half a head, half a body, nothing at all, and answers that are never read."""

import base64
import contextlib
import os
import socket
import time

import psutil

from tests.support.agent import AgentProcess

UNREAD_REQUESTS = 60
"""Answers of /openapi.json that together are more than the system keeps for a connection."""


class Stalled:
    """Sockets that stall in one of four ways. Close them when done."""

    def __init__(self, agent: AgentProcess) -> None:
        self._agent = agent
        self._sockets: list[socket.socket] = []

    def __len__(self) -> int:
        return len(self._sockets)

    def half_a_head(self) -> None:
        self._send(b"POST /api/2.0/send_transaction HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ")

    def half_a_body(self, name: str, token: str) -> None:
        credentials = base64.b64encode(f"{name}:{token}".encode())
        self._send(
            b"POST /api/2.0/send_transaction HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            b"Content-Length: 1000\r\nAuthorization: Basic " + credentials + b'\r\n\r\n{"request_payload": '
        )

    def nothing(self) -> None:
        self._send(b"")

    def unread(self) -> None:
        self._send(b"GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * UNREAD_REQUESTS)

    def drip(self) -> None:
        """Send a byte more on each that still takes one."""
        for one in self._sockets:
            with contextlib.suppress(OSError):
                one.send(b" ")

    def close(self) -> None:
        for one in self._sockets:
            one.close()

    def _send(self, sent: bytes) -> None:
        one = socket.socket()
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
        one.settimeout(10)
        one.connect(("127.0.0.1", self._agent.port))
        with contextlib.suppress(ConnectionError):  # turned away at once
            one.sendall(sent)
        one.setblocking(False)
        self._sockets.append(one)


def open_connections(agent: AgentProcess) -> int:
    """Count the connections that the agent holds."""
    held = psutil.Process(agent.pid).net_connections(kind="tcp")
    return sum(one.laddr.port == agent.port and one.status != psutil.CONN_LISTEN for one in held)


def wait_for_connections(agent: AgentProcess, least: int = 0, most: int = 10_000, within: float = 30.0) -> None:
    """Wait until the agent holds so many."""
    end = time.monotonic() + within
    while not least <= (held := open_connections(agent)) <= most:
        assert time.monotonic() < end, f"{held} connections are open"
        os.sched_yield()
