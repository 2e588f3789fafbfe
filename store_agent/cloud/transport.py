"""HTTP requests to one far side, each within a deadline and a size, and never an exception for a bad line."""

import asyncio
import socket
import ssl
import string
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import lru_cache, partial
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

import httpx

from store_agent import __version__
from store_agent.cloud import tls
from store_agent.domain.outcome import Loss
from store_agent.errors import ConfigurationError

ANSWER_BYTES_MAX = 4_194_304
"""An answer larger than this is cut off; answers to sales are a few hundred bytes, a full lookup some ten thousand."""


_HEADERS = {
    "Accept": "*/*",
    "Accept-Encoding": "gzip, deflate",
    "Connection": "keep-alive",
    "User-Agent": f"store-agent/{__version__}",
}

ADDRESSES_MAX = 16
"""Addresses that are kept ready; sales go to two."""

LINE_BYTES_MAX = 262_144
"""A longer line ends a stream; an event of the agent is a few hundred bytes."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: for the connection, for each wait while writing and reading, and for the whole call."""

    connect: float = 5.0
    write: float = 10.0
    read: float = 20.0
    whole: float = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever it is. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Nothing complete came back; `words` say why, for a manager. Whether the request arrived is not known.

    `loss` tells where the call got lost. `cure` is set where trying again mends nothing, since the far side's
    certificate is refused, or the proxy refuses the store. `sent` is unset where there was no connection to send
    anything by, `configured` where the store has no such address.
    """

    words: str
    loss: Loss = Loss.LINE
    cure: str = ""
    sent: bool = True
    configured: bool = True


@dataclass(frozen=True, slots=True)
class Proxy:
    """What leads out of the store. It is asked for a tunnel, and sees nothing of what is encrypted."""

    url: str
    user: str = ""
    secret: str = field(default="", repr=False)


class Transport:
    """A keep-alive connection pool. Close it when done. Raises ConfigurationError for an address that cannot be.

    With `socket`, the path of a Unix socket, connections are made there, whatever host the address names; with
    `proxy`, by way of it where they are encrypted: it would read what is not. `trust` is for addresses that are
    encrypted; without it the system's store counts. Proxies and credentials that the environment names are not used,
    and redirects not followed.
    """

    def __init__(
        self,
        base_url: str,
        timeouts: Timeouts,
        *,
        socket: Path | None = None,
        trust: ssl.SSLContext | None = None,
        proxy: Proxy | None = None,
        connections_max: int = 16,
        answer_bytes_max: int = ANSWER_BYTES_MAX,
    ) -> None:
        self._timeouts = timeouts
        self._answer_bytes_max = answer_bytes_max
        encrypted = base_url.startswith("https:")
        proxy = proxy if encrypted else None
        self._proxied = proxy is not None
        _refuse_impossible(base_url)
        limits = httpx.Limits(max_connections=connections_max, keepalive_expiry=60.0)
        self._address = lru_cache(ADDRESSES_MAX)(partial(_address_of, httpx.URL(base_url)))
        self._pool = httpx.AsyncHTTPTransport(
            verify=(trust or tls.client_context()) if encrypted else False,
            proxy=None if proxy is None else _way_by(proxy),
            limits=limits,
            uds=None if socket is None else str(socket),
            trust_env=False,
        )

    async def request(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"", *, seconds: float | None = None
    ) -> Answer | NoAnswer:
        """Send one request and read the whole answer, within `seconds` where they are given.

        Raises only what a bug raises.
        """
        within = self._timeouts.whole if seconds is None else min(seconds, self._timeouts.whole)
        try:
            async with asyncio.timeout(within):
                return await self._exchange(method, path, headers, body)
        except TimeoutError:
            return NoAnswer(f"no complete answer within {within:.3g} seconds", Loss.TIME)
        except httpx.RequestError as error:
            return _no_answer(error, proxied=self._proxied)

    async def stream_lines(
        self, method: str, path: str, headers: Mapping[str, str], *, idle: float
    ) -> AsyncGenerator[Answer | str | NoAnswer]:
        """Send a request whose answer has no end, and give its lines as they come.

        First comes an Answer: only the head, unless its status is not 200, which is all then. A NoAnswer, last, says
        why no more comes: the connection broke, nothing came for `idle` seconds, a line was too long. Close it when
        done, which ends the connection. Raises only what a bug raises.
        """
        try:
            async with self._response(method, path, headers, b"", idle) as response:
                if response.status_code != HTTPStatus.OK:
                    yield await self._read(response)
                    return
                yield Answer(response.status_code, response.headers, b"")
                async for line in _lines(response):
                    yield line
        except httpx.RequestError as error:
            yield _no_answer(error, proxied=self._proxied)

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.aclose()

    async def _exchange(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer | NoAnswer:
        async with self._response(method, path, headers, body, self._timeouts.read) as response:
            return await self._read(response)

    @asynccontextmanager
    async def _response(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, read: float
    ) -> AsyncGenerator[httpx.Response]:
        """Send a request; gives the answer as soon as its head is there, to be read inside.

        This leaves out httpx's client, whose cookies, redirects and merging of settings nobody here wants: they take a
        quarter of the processor time of a call.
        """
        waits = {
            "connect": self._timeouts.connect,
            "read": read,
            "write": self._timeouts.write,
            "pool": self._timeouts.connect,
        }
        told = httpx.Headers(_HEADERS)
        told.update(headers)
        request = httpx.Request(method, self._address(path), headers=told, content=body, extensions={"timeout": waits})
        response = await self._pool.handle_async_request(request)
        response.request = request
        try:
            yield response
        finally:
            await response.aclose()

    async def _read(self, response: httpx.Response) -> Answer | NoAnswer:
        received = bytearray()
        async for chunk in response.aiter_bytes():
            received += chunk
            if len(received) > self._answer_bytes_max:
                return NoAnswer(f"the answer is larger than {self._answer_bytes_max} bytes")
        return Answer(response.status_code, response.headers, bytes(received))


def _address_of(base: httpx.URL, path: str) -> httpx.URL:
    """Put a path, with its query, behind the base; what may not stand in an address is written as RFC 3986 has it."""
    return base.copy_with(raw_path=base.raw_path.rstrip(b"/") + quote(path, safe=string.punctuation).encode("ascii"))


def _way_by(proxy: Proxy) -> httpx.Proxy:
    return httpx.Proxy(proxy.url, auth=(proxy.user, proxy.secret) if proxy.user else None)


async def _lines(response: httpx.Response) -> AsyncGenerator[str | NoAnswer]:
    unfinished = b""
    async for chunk in response.aiter_bytes():
        *lines, unfinished = (unfinished + chunk).split(b"\n")
        for line in lines:
            yield line.removesuffix(b"\r").decode(errors="replace")
        if len(unfinished) > LINE_BYTES_MAX:
            yield NoAnswer(f"a line of its answer is longer than {LINE_BYTES_MAX} bytes")
            return


def _refuse_impossible(base_url: str) -> None:
    try:
        httpx.URL(base_url)
    except httpx.InvalidURL as error:
        raise ConfigurationError(f"The address {base_url} cannot be used: {error}. Correct cloud.base_url.") from None


def _no_answer(error: httpx.RequestError, *, proxied: bool) -> NoAnswer:
    cause = _root(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        words, cure = tls.refusal(cause)
        return NoAnswer(words, cure=cure, sent=False)
    if isinstance(cause, ssl.SSLError):
        return NoAnswer(tls.failure(cause), sent=False)
    if isinstance(error, httpx.ProxyError):
        return _refused_by_proxy(str(error))
    if isinstance(cause, socket.gaierror):
        return NoAnswer(f"{'the name of the proxy' if proxied else 'its name'} is not found (DNS)", sent=False)
    if isinstance(cause, ConnectionRefusedError):
        return NoAnswer(f"{'the proxy' if proxied else 'it'} refuses the connection", sent=False)
    words, loss = _KINDS.get(type(error), ("the connection broke", Loss.REPLY))
    return NoAnswer(words, loss, sent=not isinstance(error, _UNSENT))


def _refused_by_proxy(said: str) -> NoAnswer:
    """Read what a proxy answers instead of a tunnel: a status, and its own words, which are not repeated."""
    status = said[:3] if said[:3].isdecimal() else "no status"
    cure = "Correct user and secret in [cloud.proxy]; then: systemctl reload store-agent."
    refused = status == str(HTTPStatus.PROXY_AUTHENTICATION_REQUIRED.value)
    return NoAnswer(f"the proxy does not let it through ({status})", cure=cure if refused else "", sent=False)


_KINDS: dict[type[httpx.RequestError], tuple[str, Loss]] = {
    httpx.ConnectTimeout: ("it does not answer (no connection in time)", Loss.LINE),
    httpx.ReadTimeout: ("it took the request and did not answer in time", Loss.TIME),
    httpx.WriteTimeout: ("the line is too slow to send", Loss.TIME),
    httpx.PoolTimeout: ("all connections to it are busy", Loss.TIME),
    httpx.ConnectError: ("no connection", Loss.LINE),
    httpx.RemoteProtocolError: ("it closed the connection without an answer", Loss.REPLY),
    httpx.DecodingError: ("its answer is damaged (compressed in a way that it is not)", Loss.LINE),
}
"""What httpx calls it; anything else is a connection that broke while it was in use."""


_UNSENT = (httpx.ConnectTimeout, httpx.ConnectError, httpx.PoolTimeout)


def _root(error: BaseException) -> BaseException:
    seen = {id(error)}
    while (deeper := error.__cause__ or error.__context__) is not None and id(deeper) not in seen:
        seen.add(id(deeper))
        error = deeper
    return error
