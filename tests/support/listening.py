"""A listener of server-sent events, as a plugin would be."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx


@dataclass
class Heard:
    name: str
    id: str
    data: dict[str, Any]


class Ear:
    """Reads a stream line by line; counts comments."""

    def __init__(self, response: httpx.Response) -> None:
        self.comments = 0
        self._lines = response.aiter_lines()

    async def hear(self) -> Heard | None:
        """Wait for the next event; None when the stream ends."""
        fields: dict[str, str] = {}
        async for line in self._lines:
            if line.startswith(":"):
                self.comments += 1
            elif line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif fields:
                return Heard(fields["event"], fields["id"], json.loads(fields["data"]))
        return None

    async def hear_all(self) -> list[Heard]:
        """Read to the end of the stream."""
        heard = []
        while (one := await self.hear()) is not None:
            heard.append(one)
        return heard

    async def hear_comments(self, wanted: int) -> None:
        """Wait for comments; an event meanwhile is not expected."""
        async for line in self._lines:
            self.comments += line.startswith(":")
            if self.comments >= wanted:
                return


@asynccontextmanager
async def listening(client: httpx.AsyncClient, **request: Any) -> AsyncIterator[Ear]:
    """Listen for as long as the context lasts."""
    async with client.stream("GET", "/v1/events", **request) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        yield Ear(response)
