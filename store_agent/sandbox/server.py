"""The sandbox's server: one that blocks for the command line, one on its own thread for tests and the demo."""

import asyncio
import errno
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from types import FrameType, TracebackType
from typing import Any, Self, TypeVar

import uvicorn

from store_agent.errors import TemporaryFailure, Unavailable
from store_agent.sandbox.app import build_app
from store_agent.sandbox.fault import Fault, parse_fault
from store_agent.sandbox.options import SandboxOptions
from store_agent.sandbox.protocol import BreakableProtocol
from store_agent.sandbox.sandbox import Sandbox

STOP_S = 5.0
"""Seconds after which a server that does not stop is an error; it takes a quarter of one."""

KEEP_ALIVE_S = 75
"""Seconds an idle connection stays open: longer than clients keep theirs, so that none is closed under a request."""

_Result = TypeVar("_Result")


def serve(options: SandboxOptions) -> None:
    """Serve until SIGTERM or SIGINT; prints one line when it listens. Raises `Unavailable` for a taken port."""
    listener = _listen(options, options.port)
    url = _url(listener)

    def say() -> None:
        credentials = f"(key {options.key}, secret {options.secret})"
        sys.stdout.write(f"The sandbox platform listens on {url} {credentials}\n")
        sys.stdout.flush()

    _Server(Sandbox(options), say).run(sockets=[listener])


class SandboxServer:
    """A sandbox on its own thread: `with SandboxServer(options) as sandbox: ... sandbox.url ...`.

    `stop` and `start` may be called again and again: the port, the account and the faults stay, so that a platform
    that goes away (connection refused) and comes back is one object. Raises `Unavailable` for a taken port.
    """

    def __init__(self, options: SandboxOptions | None = None) -> None:
        self.options = options or SandboxOptions(port=0)
        self._changed = threading.Condition()
        self._sandbox = Sandbox(self.options, self._tell)
        self._port = self.options.port
        self._url = ""
        self._thread: threading.Thread | None = None
        self._server: _Server | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Base address, without a slash at the end; the same after a restart."""
        return self._url

    def start(self) -> None:
        """Listen, and return when requests are served. Does nothing when it runs."""
        if self._thread is not None:
            return
        listener = _listen(self.options, self._port)
        self._port, self._url = listener.getsockname()[1], _url(listener)
        self._sandbox.reopen()
        ready: Future[asyncio.AbstractEventLoop] = Future()
        self._server = _Server(self._sandbox, lambda: ready.set_result(asyncio.get_running_loop()))
        self._thread = threading.Thread(target=self._run, args=(self._server, listener, ready), name="sandbox")
        self._thread.start()
        self._loop = ready.result(timeout=STOP_S)

    def stop(self) -> None:
        """Break open requests, close the port, end the thread. Does nothing when it is stopped."""
        if self._thread is None or self._server is None:
            return
        self._server.should_exit = True
        self._thread.join(STOP_S)
        if self._thread.is_alive():
            raise TemporaryFailure(f"The sandbox did not stop within {STOP_S} seconds.")
        self._thread = self._server = self._loop = None

    def account(self, *, bodies: bool = False) -> dict[str, Any]:
        """Give what arrived and was accepted, as `GET /sandbox/account` shows it; also after a stop."""
        return self._ask(lambda: self._sandbox.account.as_json(bodies=bodies))

    def totals(self) -> dict[str, int]:
        """Give the counts of the account."""
        return self._ask(self._sandbox.account.totals)

    def offer(self, offer_id: str) -> dict[str, Any]:
        """Give what became of an offer, as `GET /sandbox/offers/...` shows it. Raises `BadInput` for an unknown one."""
        return self._ask(lambda: self._sandbox.platform.offer(offer_id))

    def forget(self) -> None:
        """Forget requests, calls, uploads and everything that happened; faults stay."""
        self._ask(self._sandbox.platform.forget)

    def faults(self) -> list[Fault]:
        """List the faults in force with the hits they have left."""
        return self._ask(self._sandbox.faults.listing)

    def set_faults(self, faults: Iterable[Fault | str]) -> None:
        """Replace all faults; texts are read as on the command line. Requests that hang are answered."""
        chosen = [parse_fault(fault) if isinstance(fault, str) else fault for fault in faults]
        self._ask(lambda: self._sandbox.faults.replace(chosen))

    def wait_for(self, reached: Callable[[dict[str, int]], bool], *, within_s: float = 10.0) -> dict[str, int]:
        """Wait until the totals are such, and give them. Raises `TimeoutError` after `within_s` seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: reached(self._sandbox.account.totals()), within_s):
                raise TimeoutError(f"not reached within {within_s} s: {self._sandbox.account.totals()}")
            return self._sandbox.account.totals()

    def _tell(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _ask(self, question: Callable[[], _Result]) -> _Result:
        """Ask on the server's own thread, so that no answer shows half a change."""
        loop = self._loop
        if loop is None:
            return question()
        answer: Future[_Result] = Future()
        loop.call_soon_threadsafe(_fulfil, answer, question)
        return answer.result(timeout=STOP_S)

    @staticmethod
    def _run(server: "_Server", listener: socket.socket, ready: "Future[asyncio.AbstractEventLoop]") -> None:
        try:
            server.run(sockets=[listener])
        except BaseException as error:
            if ready.done():
                raise
            ready.set_exception(error)


class _Server(uvicorn.Server):
    """uvicorn, told when it listens; stopping breaks requests instead of waiting for them."""

    def __init__(self, sandbox: Sandbox, listening: Callable[[], None]) -> None:
        config = uvicorn.Config(
            build_app(sandbox),
            http=BreakableProtocol,
            loop="uvloop",
            ws="none",
            lifespan="off",
            log_config=None,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=1,
        )
        super().__init__(config)
        self._sandbox = sandbox
        self._listening = listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to serve."""
        await super().startup(sockets)
        self._listening()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Break what is open, then stop."""
        self._sandbox.stopping.set()
        for connection in list(self.server_state.connections):
            if isinstance(connection, BreakableProtocol) and connection.is_busy:
                connection.reset()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - uvicorn's signature
        """Stop. Unlike uvicorn's own, the signal is not raised again afterwards: this stop is in order."""
        self.should_exit = True


def _listen(options: SandboxOptions, port: int) -> socket.socket:
    host = "127.0.0.1" if options.host == "localhost" else options.host
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        raise Unavailable(_why_not(error, host, port)) from None


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is taken. Stop what listens there, or choose another port with --port (0: any)."
    return f"The sandbox cannot listen on {host}, port {port}: {error.strerror}. Choose another port with --port."


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _fulfil(answer: "Future[Any]", question: Callable[[], Any]) -> None:
    try:
        answer.set_result(question())
    except Exception as error:  # noqa: BLE001 - belongs to the thread that asked
        answer.set_exception(error)
