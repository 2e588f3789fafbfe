"""The line to one client, seen from the server: read, answer, break, wait."""

import asyncio
from contextlib import suppress

from starlette.types import Receive, Scope, Send

from store_agent.sandbox.answer import Answer


class Line:
    """One request on its connection. The server puts `reset` into the scope's state."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send

    @property
    def method(self) -> str:
        """The HTTP method, in capitals."""
        return str(self._scope["method"])

    @property
    def path(self) -> str:
        """The path as sent, without the query."""
        return bytes(self._scope["raw_path"]).partition(b"?")[0].decode("latin-1")

    @property
    def query(self) -> str:
        """The query as sent, without its question mark."""
        return bytes(self._scope["query_string"]).decode("latin-1")

    def header(self, name: str) -> str:
        """Give the first header of that name, lower case, or an empty text."""
        wanted = name.encode()
        return next((value.decode("latin-1") for key, value in self._scope["headers"] if key == wanted), "")

    async def body(self, bytes_max: int) -> bytes | None:
        """Read the whole body, see `read_body`."""
        return await read_body(self._receive, bytes_max)

    async def answer(self, answer: Answer) -> None:
        """Send a whole answer."""
        await self._start(answer)
        await self._send({"type": "http.response.body", "body": answer.body})

    async def drip(self, answer: Answer, gap_s: float) -> None:
        """Send the body of an answer byte by byte, `gap_s` seconds before each, until the client has enough."""
        await self._start(answer)
        for byte in answer.body:
            if await self.gone_within(gap_s):
                return
            await self._send({"type": "http.response.body", "body": bytes((byte,)), "more_body": True})
        await self._send({"type": "http.response.body", "body": b""})

    async def reset(self) -> None:
        """Break the connection without an answer."""
        self._scope["state"]["reset"]()
        await self.gone()

    async def gone(self) -> None:
        """Wait until the client has left. Only after the body was read, or when it no longer matters."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def gone_within(self, seconds: float) -> bool:
        """Wait for some time; True at once when the client leaves."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.gone()
                return True
        return False

    async def gone_before(self, event: asyncio.Event) -> bool:
        """Wait for an event; True when the client leaves first."""
        leaving = asyncio.ensure_future(self.gone())
        happening = asyncio.ensure_future(event.wait())
        await asyncio.wait((leaving, happening), return_when=asyncio.FIRST_COMPLETED)
        happened = event.is_set()
        for task in (leaving, happening):
            task.cancel()
        await asyncio.gather(leaving, happening, return_exceptions=True)
        return not happened

    async def _start(self, answer: Answer) -> None:
        headers = {**answer.headers, "content-type": answer.content_type, "content-length": str(len(answer.body))}
        encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        await self._send({"type": "http.response.start", "status": answer.status, "headers": encoded})


async def read_body(receive: Receive, bytes_max: int) -> bytes | None:
    """Read a whole body; None when the client left. Raises `OverflowError` above `bytes_max`.

    Even a body that is too large is read to its end, for a client may not look for an answer before. It is not kept,
    so the limit holds.
    """
    parts: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        size += len(message["body"])
        if size <= bytes_max:
            parts.append(message["body"])
        more = message["more_body"]
    if size > bytes_max:
        raise OverflowError(f"the body has {size} bytes, at most {bytes_max} are read")
    return b"".join(parts)
