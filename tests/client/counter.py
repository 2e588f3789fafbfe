"""A small HTTP server that answers as it is told, and keeps what it was asked."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Counter:
    """`answers` are used up in turn, the last one for ever; an answer of None breaks the connection."""

    url: str = ""
    answers: list[tuple[int, dict[str, str], bytes] | None] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    def answer(self, body: Any, status: int = 200, **headers: str) -> "Counter":
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answers.append((status, {name.replace("_", "-"): value for name, value in headers.items()}, text))
        return self

    def refuse(self, status: int, code: str, message: str = "No.", **headers: str) -> "Counter":
        errors = {"code": code, "message": message, "fields": []}
        return self.answer({"status": "Error", "payload": None, "errors": errors}, status, **headers)

    def break_off(self) -> "Counter":
        self.answers.append(None)
        return self


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    counter: Counter

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.counter.asked.append(Asked(self.command, self.path, dict(self.headers), body))
        answers = self.counter.answers
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if answer is None:
            self.close_connection = True
            return
        status, headers, text = answer
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(text)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def open_counter() -> Iterator[Counter]:
    """Serve for as long as the context lasts."""
    counter = Counter()
    handler = type("Handler", (_Handler,), {"counter": counter})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        counter.url = f"http://127.0.0.1:{server.server_port}"
        serving = threading.Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        yield counter
        server.shutdown()
        serving.join()
