"""Answers as a recorded agent did: a real server on this machine, for the real client of the screens."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from store_agent.local.address import Address
from tests.tui.scenes import Scene

SHOWN = "http://127.0.0.1:8750"
"""What the address of the server is called on the screen: that of every replay is another."""


class Shown(Address):
    """An address that is shown as an agent's usual one."""

    def __str__(self) -> str:
        return SHOWN


class Replay(ThreadingHTTPServer):
    """Listens on a free port; `strangers` are questions that the scene has no answer to."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, scene: Scene) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.scene = scene
        self.strangers: list[str] = []
        self.closing = threading.Event()

    @property
    def address(self) -> Address:
        return Shown(f"http://127.0.0.1:{self.server_address[1]}")


@contextmanager
def replaying(scene: Scene) -> Iterator[Replay]:
    """Answer for as long as the context lasts."""
    with Replay(scene) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Replay

    def do_GET(self) -> None:
        answers = self.server.scene.answers
        turned_away = answers["GET /v1/me"][0] != HTTPStatus.OK
        if self.path.startswith("/v1/events") and not turned_away:
            self._tell()
            return
        other = answers["GET /v1/me"] if turned_away else (0, None)
        status, body = answers.get(f"GET {self.path}", other)
        if not status:
            self.server.strangers.append(self.path)
            status, body = 404, {"status": "Error", "payload": None, "errors": {"code": "stranger", "message": "?"}}
        self._answer(status, json.dumps(body).encode())

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _tell(self) -> None:
        """Tell what was told, and keep the line open."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for event in self.server.scene.events:
            text = f"event: {event['data']['name']}\ndata: {json.dumps(event['data'])}\nid: {event['id']}\n\n"
            self.wfile.write(text.encode())
        self.server.closing.wait()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is http.server's
        """Say nothing."""
