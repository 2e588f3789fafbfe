"""The local API as a part of the agent: listens once there is something to say, and ends before the rest."""

import socket
from pathlib import Path

import structlog

from store_agent import __version__
from store_agent.agent import systemd, wiring
from store_agent.agent.parts import Parts
from store_agent.api.entrance import Entrance
from store_agent.api.server import listen, make_server
from store_agent.api.unix_socket import listen_at, remove
from store_agent.config.load import managers_group_of
from store_agent.config.settings import Settings

_log = structlog.get_logger("agent")


class Api:
    """The server behind its sockets; `entrance` is what callers meet."""

    def __init__(self, settings: Settings, parts: Parts) -> None:
        self.entrance = Entrance(wiring.allowed_hosts(settings))
        self._settings = settings
        self._parts = parts
        self._server = make_server(self.entrance, wiring.make_limits(settings))
        self._listeners: list[socket.socket] = []
        self._file: Path | None = None

    def listen(self) -> None:
        """Listen from now on, if it does not yet. Raises Unavailable, and ConfigurationError for an unknown group."""
        if self._listeners:
            return
        listener = listen(self._settings.api.host, self._settings.api.port)
        self._listeners.append(listener)
        self._listen_to_managers()
        self._parts.add("api", self._server.serve(sockets=self._listeners))
        host, port = listener.getsockname()[:2]
        also = {} if self._file is None else {"socket": str(self._file)}
        _log.info("agent.started", version=__version__, host=host, port=port, **also)
        systemd.notify("READY=1")

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
        self._server.should_exit = True
        await self._parts.end("api")

    def close(self) -> None:
        """Close the sockets."""
        for listener in self._listeners:
            listener.close()
