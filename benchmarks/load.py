"""A light HTTP client for load: prepared requests over keep-alive connections, one in flight on each."""

import asyncio
import base64
import itertools
import statistics
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import uvloop

from benchmarks.carts import CartMaker
from benchmarks.servers import Served
from benchmarks.spread import share
from store_agent.sandbox.sales import sale_bytes

SALE_BYTES = 3_000
SECONDS_MAX = 300.0
CLOSED_AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

_runs = itertools.count(1)


@dataclass
class Measured:
    """Seconds for each request, and for all together."""

    seconds: list[float]
    whole: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.seconds) / self.whole

    @property
    def median(self) -> float:
        """Seconds of the middle request."""
        return statistics.median(self.seconds)

    @property
    def slowest_hundredth(self) -> float:
        """Seconds that 99 of 100 requests do not exceed."""
        return share(self.seconds, 0.99)

    def together(self, more: "Measured") -> "Measured":
        """Give both as one."""
        return Measured(self.seconds + more.seconds, self.whole + more.whole)


def new_lane() -> str:
    """Name a lane whose sales no server has seen yet."""
    return f"{uuid.uuid4().hex[:8]}-{next(_runs)}"


def bodies(count: int) -> list[bytes]:
    """Make requests of a POS with sales of about 3 KB, each another transaction and another cart."""
    maker = CartMaker(new_lane(), SALE_BYTES)
    return [sale_bytes(maker.make(CLOSED_AT)) for _ in range(count)]


def requests(count: int, token: str) -> list[bytes]:
    """Prepare sales as they stand on the wire."""
    credentials = base64.b64encode(token.encode()).decode()
    head = (
        f"POST /api/2.0/send_transaction HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic {credentials}\r\n"
        "Content-Type: application/json\r\nContent-Length: "
    )
    return [f"{head}{len(body)}\r\n\r\n".encode() + body for body in bodies(count)]


def fire(server: Served, connections: int, count: int) -> Measured:
    """Send new sales over some connections at full speed; raises unless each is answered with 200."""
    return uvloop.run(_fire(server.port, requests(count, server.token), connections))


async def _fire(port: int, prepared: list[bytes], connections: int) -> Measured:
    loop = asyncio.get_running_loop()
    todo = list(reversed(prepared))
    seconds: list[float] = []
    ends = [loop.create_future() for _ in range(connections)]
    lanes = [_Lane(todo, seconds, end) for end in ends]
    for lane in lanes:
        await loop.create_connection(partial(_itself, lane), "127.0.0.1", port)
    begin = time.perf_counter()
    for lane in lanes:
        lane.next()
    async with asyncio.timeout(SECONDS_MAX):
        await asyncio.gather(*ends)
    return Measured(seconds, time.perf_counter() - begin)


def _itself(lane: "_Lane") -> "_Lane":
    return lane


class _Lane(asyncio.Protocol):
    def __init__(self, todo: list[bytes], seconds: list[float], done: asyncio.Future[None]) -> None:
        self._todo = todo
        self._seconds = seconds
        self._done = done
        self._received = b""
        self._begin = 0.0

    def connection_made(self, transport):
        self._transport = transport

    def connection_lost(self, exc):
        if not self._done.done():
            self._done.set_exception(exc or ConnectionError("the server closed the connection"))

    def next(self):
        if not self._todo:
            self._done.set_result(None)
            self._transport.close()
            return
        self._received = b""
        request = self._todo.pop()
        self._begin = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data):
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        if not separator:
            return
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        if len(body) < length:
            return
        self._seconds.append(time.perf_counter() - self._begin)
        if head.startswith(b"HTTP/1.1 200"):
            self.next()
            return
        self._done.set_exception(RuntimeError(self._received.decode(errors="replace")))
        self._transport.close()
