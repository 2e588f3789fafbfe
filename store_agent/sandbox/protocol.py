"""The HTTP connection of the sandbox: uvicorn's, that can also break."""

import logging
import os
import socket
import struct
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_LOGGER = logging.getLogger("store_agent.sandbox")

_LINGER_NOT = struct.pack("ii", 1, 0)


class BreakableProtocol(HttpToolsProtocol):
    """Puts `reset` into the state of each request's scope. Logs errors only, under a name of its own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Set here and not in uvicorn's configuration, which would silence every other server of the process.
        self.logger = _LOGGER
        self.access_log = False

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self.scope["state"]["reset"] = self.reset

    @property
    def is_busy(self) -> bool:
        """Whether a request waits for its answer."""
        return self.cycle is not None and not self.cycle.response_complete

    def reset(self) -> None:
        """Break the connection with RST: to the client the line is broken, not closed."""
        if self.transport.is_closing():
            return
        # uvloop's socket object refuses options; a duplicate of its handle sets them on the same socket.
        with socket.socket(fileno=os.dup(self.transport.get_extra_info("socket").fileno())) as handle:
            handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        self.transport.abort()
