"""A server that answers as it is told and remembers what came with each request, and a proxy in front of it."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def served(handler: Handler, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Serve on a port of this machine, which is given; connections are ended with it."""
    tasks: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            await handler(reader, writer)
        writer.close()

    server = await asyncio.start_server(handle, "localhost", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@dataclass
class FarSide:
    """`heads` are those of the requests, as text."""

    port: int = 0
    answer: bytes = OK
    heads: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            self.heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
            length = [line for line in self.heads[-1].splitlines() if line.lower().startswith("content-length:")]
            await reader.readexactly(int(length[0].partition(":")[2]) if length else 0)
            writer.write(self.answer)
            await writer.drain()


@asynccontextmanager
async def far_side(answer: bytes = OK, context: ssl.SSLContext | None = None) -> AsyncIterator[FarSide]:
    """Serve on a port of this machine, encrypted with a context."""
    side = FarSide(answer=answer)
    async with served(side.serve, context) as side.port:
        yield side


@dataclass
class ProxyAtWork:
    """`heads` are those of the tunnels that were asked for."""

    port: int = 0
    refusal: bytes = b""
    heads: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.heads.append(head)
        if self.refusal:
            writer.write(self.refusal)
            await writer.drain()
            return
        host, _, port = head.split()[1].rpartition(":")
        far_reader, far_writer = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        try:
            await asyncio.gather(_pass(reader, far_writer), _pass(far_reader, writer))
        finally:
            far_writer.close()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while some := await reader.read(65_536):
            writer.write(some)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def proxy_at_work(refusal: bytes = b"") -> AsyncIterator[ProxyAtWork]:
    """Serve a proxy on a port of this machine, which tunnels or answers with a refusal."""
    proxy = ProxyAtWork(refusal=refusal)
    async with served(proxy.serve) as proxy.port:
        yield proxy
