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
}
"""Deadlines that an attack can wait for."""

SAY_SECONDS = 20.0
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

    def say(self, sent: bytes) -> Said:
        """Send bytes and our end, and read until the agent closes."""
        received = bytearray()
        with socket.create_connection(("127.0.0.1", self.agent.port), timeout=SAY_SECONDS) as connection:
            with suppress(OSError):
                connection.sendall(sent)
                connection.shutdown(socket.SHUT_WR)
            with suppress(ConnectionError):
                while chunk := connection.recv(65_536):
                    received += chunk
        return Said(bytes(received))

    def sell(self, name: str) -> int:
        """Sell as a till that was not here before; gives the status."""
        with self.agent.client_of(*self.lane) as till:
            return till.post("/api/2.0/send_transaction", json={"request_payload": sale(name)}).status_code

    def memory(self) -> int:
        """Give the bytes of memory that the agent holds."""
        return int(psutil.Process(self.agent.pid).memory_info().rss)


def known(name: str, token: str) -> tuple[str]:
    """Write credentials as a line of a head."""
    return (f"Authorization: Basic {base64.b64encode(f'{name}:{token}'.encode()).decode()}",)
