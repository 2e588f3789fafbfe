"""The local API as a part of the agent: listens once there is something to say, and ends before the rest."""

import socket
from pathlib import Path

import structlog

from store_agent import __version__
from store_agent.agent import systemd, wiring
from store_agent.agent.certificate import tls_files
from store_agent.agent.parts import Parts
from store_agent.api.entrance import Entrance
from store_agent.api.handshakes import Handshakes
from store_agent.api.server import Server, listen, make_connections, make_server
from store_agent.api.tls import expiry, make_context
from store_agent.api.unix_socket import listen_at, remove
from store_agent.config.load import managers_group_of
from store_agent.config.settings import Settings
from store_agent.errors import ConfigurationError

_log = structlog.get_logger("agent")


class Api:
    """The server behind its sockets; `entrance` is what callers meet, `connections` are theirs."""

    def __init__(self, settings: Settings, parts: Parts) -> None:
        self.entrance = Entrance(wiring.allowed_hosts(settings), settings.api.allowed_origins)
        self._settings = settings
        self._parts = parts
        self._limits = wiring.make_limits(settings)
        self.connections = make_connections(self._limits)
        self._encrypted: Handshakes | None = None
        self._shown = b""
        self._listeners: list[socket.socket] = []
        self._file: Path | None = None
        self._server: Server | None = None

    def listen(self) -> None:
        """Listen from now on, if it does not yet. Raises Unavailable, and ConfigurationError for an unknown group."""
        if self._listeners:
            return
        listener = listen(self._settings.api.host, self._settings.api.port)
        self._listeners.append(listener)
        self._encrypt(listener)
        self._listen_to_managers()
        self._server = make_server(self.entrance, self._limits, self.connections, self._encrypted)
        plain = self._listeners if self._encrypted is None else self._listeners[1:]
        self._parts.add("api", self._server.serve(sockets=plain))
        host, port = listener.getsockname()[:2]
        also = {} if self._file is None else {"socket": str(self._file)}
        if self._encrypted is not None:
            also["encrypted"] = "yes"
        words = f"store-agent {__version__} has started and takes calls at {host}:{port}."
        _log.info("agent.started", words=words, version=__version__, host=host, port=port, **also)
        systemd.notify("READY=1")

    def renew(self) -> None:
        """Read the certificate again, for new connections. Raises ConfigurationError, and goes on with the old one.

        One that is in use already may be expired: it must not keep changed credentials of the platform out.
        """
        files = tls_files(self._settings)
        if files is None or self._encrypted is None:
            return
        context, shown = make_context(files), files.certificate.read_bytes()
        if shown != self._shown and (words := expiry(files)):
            raise ConfigurationError(words)
        self._encrypted.context, self._shown = context, shown

    def _encrypt(self, listener: socket.socket) -> None:
        """Speak TLS on the socket if the configuration wants that.

        A certificate that is expired by this machine's clock is told and used all the same: the clock may be wrong
        (G14).
        """
        files = tls_files(self._settings)
        if files is None:
            return
        self._encrypted = Handshakes(listener, make_context(files), self._limits, self.connections)
        self._shown = files.certificate.read_bytes()
        if words := expiry(files):
            _log.error("certificate.refused", words=words)

    def _listen_to_managers(self) -> None:
        path = self._settings.managers_socket
        if path is not None:
            self._listeners.append(listen_at(path, managers_group_of(self._settings.api)))
            self._file = path

    async def stop(self) -> None:
        """Answer what was taken, then end. Safe to call again.

        The socket's file goes first, so that it is still this agent's own.
        """
        if self._file is not None:
            remove(self._file)
            self._file = None
        if self._server is not None:
            self._server.should_exit = True
        await self._parts.end("api")

    def close(self) -> None:
        """Close the sockets."""
        for listener in self._listeners:
            listener.close()
