"""The local API as a part of the agent: listens once there is something to say, and ends before the rest."""

import socket

import structlog

from store_agent import __version__
from store_agent.agent import systemd, wiring
from store_agent.agent.parts import Parts
from store_agent.api.entrance import Entrance
from store_agent.api.server import listen, make_server
from store_agent.config.settings import Settings

_log = structlog.get_logger("agent")


class Api:
    """The server behind its socket; `entrance` is what callers meet."""

    def __init__(self, settings: Settings, parts: Parts) -> None:
        self.entrance = Entrance(wiring.allowed_hosts(settings))
        self._settings = settings
        self._parts = parts
        self._server = make_server(self.entrance, wiring.make_limits(settings))
        self._listener: socket.socket | None = None

    def listen(self) -> None:
        """Listen from now on, if it does not yet. Raises Unavailable."""
        if self._listener is not None:
            return
        self._listener = listen(self._settings.api.host, self._settings.api.port)
        self._parts.add("api", self._server.serve(sockets=[self._listener]))
        host, port = self._listener.getsockname()[:2]
        _log.info("agent.started", version=__version__, host=host, port=port)
        systemd.notify("READY=1")

    async def stop(self) -> None:
        """Answer what was taken, then end. Safe to call again."""
        self._server.should_exit = True
        await self._parts.end("api")

    def close(self) -> None:
        """Close the socket."""
        if self._listener is not None:
            self._listener.close()
