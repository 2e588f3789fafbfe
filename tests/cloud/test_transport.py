"""A call ends within its deadline in an answer or in words, whatever the line does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from store_agent.cloud.transport import Answer, NoAnswer, Timeouts, Transport
from store_agent.sandbox.server import SandboxServer
from tests.support.agent import free_port

QUICK = Timeouts(connect=2.0, write=2.0, read=0.3, whole=0.5)
PATH = "/api/2.0/send_transaction"


@asynccontextmanager
async def line(url: str, timeouts: Timeouts = QUICK, **limits: Any) -> AsyncIterator[Transport]:
    opened = Transport(url, timeouts, **limits)
    try:
        yield opened
    finally:
        await opened.close()


async def call(url: str, timeouts: Timeouts = QUICK, **limits: int) -> Answer | NoAnswer:
    async with line(url, timeouts, **limits) as opened:
        return await opened.request("POST", PATH, {"Content-Type": "application/json"}, b"{}")


async def test_an_answer_is_given_as_it_is(platform: SandboxServer) -> None:
    found = await call(platform.url)
    assert isinstance(found, Answer)
    assert found.status == 403
    assert b'"status"' in found.body


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("down", "the connection broke"),
        ("drop_before", "connection"),
        ("hang", "did not answer in time"),
        ("drip:ms=100", "within 0.5 seconds"),
    ],
)
async def test_a_bad_line_is_told_in_words(platform: SandboxServer, fault: str, words: str) -> None:
    platform.set_faults([fault])
    found = await call(platform.url)
    assert isinstance(found, NoAnswer)
    assert words in found.words
    assert not found.cure


async def test_nobody_listening_is_told_in_words() -> None:
    found = await call(f"http://127.0.0.1:{free_port()}")
    assert found == NoAnswer("it refuses the connection", sent=False)


async def test_a_name_that_does_not_exist_is_told_in_words() -> None:
    found = await call("http://no-such-host.invalid", Timeouts(connect=5.0, whole=5.0))
    assert found == NoAnswer("its name is not found (DNS)", sent=False)


async def test_a_redirect_is_not_followed(platform: SandboxServer) -> None:
    platform.set_faults(["status:code=302"])
    found = await call(platform.url)
    assert isinstance(found, Answer)
    assert found.status == 302


async def test_an_endless_answer_is_cut_off(platform: SandboxServer) -> None:
    found = await call(platform.url, answer_bytes_max=20)
    assert isinstance(found, NoAnswer)
    assert "larger than 20 bytes" in found.words


async def test_an_answer_that_is_not_compressed_as_it_says_is_told_in_words() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        found = await call(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    finally:
        server.close()
        await server.wait_closed()
    assert isinstance(found, NoAnswer)
    assert "damaged" in found.words


async def test_a_connection_that_the_far_side_closed_is_replaced(platform: SandboxServer) -> None:
    async with line(platform.url) as opened:
        for _ in range(2):
            assert isinstance(await opened.request("POST", PATH, {}, b"{}"), Answer)
            platform.stop()
            platform.start()


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/v1/receipts/find?q=a%20b&last=é", "/base/v1/receipts/find?q=a%20b&last=%C3%A9"),
        ("/v1/terminals/lane 1", "/base/v1/terminals/lane%201"),
        ("/api/2.0/x\r\nHost: other", "/base/api/2.0/x%0D%0AHost:%20other"),
    ],
)
async def test_a_path_is_written_as_it_may_stand_in_an_address(path: str, target: str) -> None:
    heads: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", port := free_port())
    async with server, line(f"http://127.0.0.1:{port}/base/") as opened:
        found = await opened.request("GET", path, {"accept": "text/plain"})
    assert isinstance(found, Answer)
    (head,) = heads
    assert head.startswith(f"GET {target} HTTP/1.1\r\n".encode())
    assert head.lower().count(b"accept:") == 1, "what a caller names counts, however it is spelled"
    assert head.lower().count(b"host:") == 1 + target.lower().count("host:")
