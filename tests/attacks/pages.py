"""Web pages in a real browser (Chromium, headless): what a page of another origin sees of the agent, and can do.

Two servers give the same page: that of the configured origin, which may call, is the control. The page sends what it
could see to the server that it came from.
"""

import json
import os
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.attacks.attempt import Attempt
from tests.attacks.store import Store, known

ATTACK = "cross-site page in Chromium"
PAGE = Path(__file__).with_name("page.html").read_text()
BROWSER_SECONDS = 90.0
REBOUND = "rebound.example.com"
"""A name of the attacker's, which the browser is told is this machine."""

UNSEEN = {"blocked", "opaque", "unreadable"}


class _Server(ThreadingHTTPServer):
    """Gives a page and takes what it saw."""

    page = b""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.seen: queue.Queue[bytes] = queue.Queue()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = self.server.page if self.path == "/" else b""  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        seen = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()
        self.server.seen.put(seen)  # type: ignore[attr-defined]

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def page_server() -> Iterator[_Server]:
    """Serve a page, which is set later, on a port of its own."""
    with _Server() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def chromium() -> str | None:
    """Find the browser."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def pages(store: Store) -> Iterator[Attempt]:
    """Let the page of a stranger try everything, then the same page of the configured origin."""
    browser = chromium()
    if browser is None:
        yield Attempt(ATTACK, "form, fetch, image, event stream", "not tried: there is no Chromium", None)
        return
    with page_server() as stranger:
        before = _accepted(store)
        for how, seen in _look(browser, store, stranger, f"http://localhost:{stranger.server_port}").items():
            yield Attempt(ATTACK, f"stranger's page: {how}", seen, seen.split(":")[0] in UNSEEN)
        stored = _accepted(store) - before
        yield Attempt(ATTACK, "stranger's page: sales stored by all of that", str(stored), stored == 0)
    yield from _rebound(browser, store)


def allowed(store: Store, ours: _Server) -> Iterator[Attempt]:
    """The control: the page of `api.allowed_origins` calls with a lane's token, reads and sells."""
    browser = chromium()
    if browser is None:
        yield Attempt(ATTACK, "the configured origin's page (control)", "not tried: there is no Chromium", None)
        return
    before = _accepted(store)
    seen = _look(browser, store, ours, f"http://127.0.0.1:{ours.server_port}")
    read = seen.get("fetch with a token", str(seen))
    yield Attempt(ATTACK, "configured page: fetch with a token (control)", read, read.startswith("read: 200"))
    stored = _accepted(store) - before
    yield Attempt(ATTACK, "configured page: sales stored (control)", str(stored), stored > 0)


def _look(browser: str, store: Store, server: _Server, origin: str) -> dict[str, str]:
    """Open the page; gives what it saw, by what it tried."""
    authorization = known(*store.lane)[0].partition(": ")[2]
    settings = json.dumps({"agent": store.agent.url, "authorization": authorization})
    server.page = PAGE.replace("SETTINGS", settings).encode()
    with _opened(browser, f"{origin}/"):
        try:
            seen: dict[str, str] = json.loads(server.seen.get(timeout=BROWSER_SECONDS))
        except queue.Empty:
            return {"the page": f"broken: it said nothing within {BROWSER_SECONDS:.0f} s"}
    return seen


def _rebound(browser: str, store: Store) -> Iterator[Attempt]:
    """Open the agent itself by the attacker's name: to the browser it is the attacker's own site."""
    port = urlsplit(store.agent.url).port
    for path in ("/v1/status", "/healthz", "/openapi.json"):
        printed = _printed(browser, f"http://{REBOUND}:{port}{path}")
        held = "host_not_allowed" in printed
        yield Attempt(ATTACK, f"re-pointed name: {path}", "host_not_allowed" if held else printed[:60], held)


@contextmanager
def _opened(browser: str, *more: str) -> Iterator[subprocess.Popen[str]]:
    """Run the browser, and end it with all its processes."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [
            browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server",
            "--no-first-run", f"--user-data-dir={profile}", f"--host-resolver-rules=MAP {REBOUND} 127.0.0.1", *more,
        ]  # fmt: skip
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
        ) as running:
            try:
                yield running
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(running.pid, signal.SIGKILL)


def _printed(browser: str, url: str) -> str:
    """Open an address, and give what the browser made of it."""
    with _opened(browser, "--dump-dom", url) as running:
        return running.communicate(timeout=BROWSER_SECONDS)[0]


def _accepted(store: Store) -> int:
    return int(store.agent.status()["outbox"]["accepted"])
