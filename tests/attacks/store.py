"""The store that is attacked: a real agent, the sandbox behind it, and a way to say anything to it."""

import base64
import json
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from store_agent.sandbox.server import SandboxServer
from tests.attacks.attempt import Said
from tests.support.agent import COMMAND, AgentProcess
from tests.support.sales import sale

HURRIED = {
    "header_timeout_seconds": 2.0,
    "body_timeout_seconds": 2.0,
    "answer_timeout_seconds": 2.0,
    "request_timeout_seconds": 8.0,
    "idle_timeout_seconds": 4.0,
}
"""Deadlines that an attack can wait for."""

SAY_SECONDS = 20.0
FIRST_SECONDS, NEXT_SECONDS = 1.5, 0.05
"""Waiting for an answer, before we say that no more comes from us: the agent then ends what it has in hand."""

SALE = "POST /api/2.0/send_transaction HTTP/1.1"
JSON = "Content-Type: application/json"


class Store:
    """Close it when done."""

    def __init__(
        self, directory: Path, platform: SandboxServer, command: tuple[str, ...] = COMMAND, **api: Any
    ) -> None:
        self.platform = platform
        self.agent = AgentProcess(directory, platform.url, command, api=HURRIED | api).start()
        self.manager = (directory / "data" / "control.token").read_text().strip()

    def close(self) -> None:
        """End the agent."""
        self.agent.close()

    def head(
        self, line: str, *more: str, host: str | None = "Host: 127.0.0.1", who: tuple[str, str] | None = None
    ) -> bytes:
        """Write the head of a request; `who` are a name and a token."""
        return "\r\n".join([line, *filter(None, [host]), *(known(*who) if who else ()), *more, "", ""]).encode()

    @property
    def lane(self) -> tuple[str, str]:
        """Give the credentials of a till."""
        return "lane-1", self.agent.token

    def sale(self, name: str, *more: str, who: tuple[str, str] | None = None, body: bytes | None = None) -> bytes:
        """Write a whole sale, right but for what is asked for."""
        body = json.dumps({"request_payload": sale(name)}).encode() if body is None else body
        return self.head(SALE, JSON, f"Content-Length: {len(body)}", *more, who=who or self.lane) + body

    def ask(
        self, line: str, *more: str, host: str | None = "Host: 127.0.0.1", who: tuple[str, str] | None = None
    ) -> Said:
        """Send one request without a body, the last of its connection."""
        return self.say(self.head(line, "Connection: close", *more, host=host, who=who))

    def say(self, sent: bytes) -> Said:
        """Send bytes, and once no more is answered our end, and read until the agent closes."""
        with socket.create_connection(("127.0.0.1", self.agent.port), timeout=SAY_SECONDS) as connection:
            with suppress(OSError):
                connection.sendall(sent)
            received = _heard(connection, FIRST_SECONDS)
            with suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
            return Said(received + _heard(connection, SAY_SECONDS))

    def sell(self, name: str) -> int:
        """Sell as a till that was not here before; gives the status."""
        with self.agent.client_of(*self.lane) as till:
            return till.post("/api/2.0/send_transaction", json={"request_payload": sale(name)}).status_code

    def memory(self) -> int:
        """Give the bytes of memory that the agent holds."""
        return int(psutil.Process(self.agent.pid).memory_info().rss)


def _heard(connection: socket.socket, seconds: float) -> bytes:
    """Read until the agent closes or says nothing for a while: so long at first, and then a moment."""
    received = bytearray()
    connection.settimeout(seconds)
    with suppress(ConnectionError, TimeoutError):
        while chunk := connection.recv(65_536):
            received += chunk
            connection.settimeout(min(seconds, NEXT_SECONDS))
    return bytes(received)


def known(name: str, token: str) -> tuple[str]:
    """Write credentials as a line of a head."""
    return (f"Authorization: Basic {base64.b64encode(f'{name}:{token}'.encode()).decode()}",)
