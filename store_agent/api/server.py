"""Listening: a uvicorn server that is a part of the agent and not its owner."""

import contextlib
import errno
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from store_agent.api.connections import Connections
from store_agent.api.handshakes import Handshakes
from store_agent.api.limits import Limits
from store_agent.api.protocol import BoundedProtocol, bounded
from store_agent.clock import SystemClock
from store_agent.errors import Unavailable

STOP_SECONDS = 3
"""How long requests in hand may take to finish when the agent stops."""

BACKLOG = 512
"""Connections that may wait to be accepted."""


class Server(uvicorn.Server):
    """A server that leaves signals to the agent, and speaks TLS only where it is told to."""

    def __init__(self, config: uvicorn.Config, encrypted: Handshakes | None = None) -> None:
        super().__init__(config)
        self._encrypted = encrypted

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen on plain sockets, then on the encrypted one."""
        await super().startup(sockets)
        if self._encrypted is not None:
            self._encrypted.start(self._make_protocol)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, and finish what was taken."""
        if self._encrypted is not None:
            await self._encrypted.stop()
        await super().shutdown(sockets)

    def _make_protocol(self) -> BoundedProtocol:
        made: BoundedProtocol = self.config.http_protocol_class(  # type: ignore[assignment, call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return made

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture nothing."""
        yield


def make_server(
    app: ASGIApp, limits: Limits, connections: Connections | None = None, encrypted: Handshakes | None = None
) -> Server:
    """Make the server; run it with `serve(sockets=[...])`, end it by `should_exit = True`.

    `connections` are counted on their own where none are given, `encrypted` is where it also listens.
    """
    return Server(
        uvicorn.Config(
            app,
            http=bounded(limits, make_connections(limits) if connections is None else connections),
            loop="uvloop",
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=False,
            reset_contextvars=True,  # a pipelined request is not its predecessor's
            timeout_keep_alive=limits.idle_timeout,  # type: ignore[arg-type]  # goes to call_later as it is
            timeout_graceful_shutdown=STOP_SECONDS,
            backlog=BACKLOG,
        ),
        encrypted,
    )


def make_connections(limits: Limits) -> Connections:
    """Make the count of open connections."""
    return Connections(SystemClock(), limits.connections_max, limits.connections_per_caller_max)


def listen(host: str, port: int) -> socket.socket:
    """Open the listening socket. Raises Unavailable with words for the operator."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            reason = "another program uses it; end that program, or set another api.port (the POS must use the same)"
        else:
            reason = f"{error.strerror}; correct api.host and api.port"
        raise Unavailable(f"The local API cannot listen on {host} port {port}: {reason}.") from None
    return listener
