"""Listening with TLS: connections are counted from their first packet, so that stalled handshakes are bounded, too."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable

from store_agent.api.connections import Connections
from store_agent.api.limits import Limits
from store_agent.api.protocol import BoundedProtocol, other_machine

PAUSE_SECONDS = 0.1
"""How long nothing is accepted after the system had no more room for a connection."""


class Handshakes:
    """Accepts connections on a listening socket. `context` may be replaced: new connections are met by the new one."""

    def __init__(self, listener: socket.socket, context: ssl.SSLContext, limits: Limits, others: Connections) -> None:
        self.context = context
        self._listener = listener
        self._limits = limits
        self._others = others
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, make_protocol: Callable[[], BoundedProtocol]) -> None:
        """Accept from now on."""
        self._listener.setblocking(False)
        self._listener.listen()
        self._add(asyncio.create_task(self._accept(make_protocol), name="tls"))

    async def stop(self) -> None:
        """Accept no more, and end unfinished handshakes. Safe to call again."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _accept(self, make_protocol: Callable[[], BoundedProtocol]) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connected, address = await loop.sock_accept(self._listener)
            except OSError:
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            protocol = make_protocol()
            protocol.address = other_machine(address, connected.getsockname())
            if self._others.enter(protocol):
                connected.close()
                continue
            protocol.handshake = asyncio.create_task(self._shake_hands(connected, protocol))
            self._add(protocol.handshake)

    async def _shake_hands(self, connected: socket.socket, protocol: BoundedProtocol) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: protocol,
                connected,
                ssl=self.context,
                ssl_handshake_timeout=self._limits.header_timeout,
                ssl_shutdown_timeout=self._limits.answer_timeout,
            )
        except (OSError, asyncio.CancelledError):  # what is wrong is the caller's, and is told to it by TLS itself
            self._others.leave(protocol)
            with contextlib.suppress(OSError):
                connected.close()

    def _add(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
