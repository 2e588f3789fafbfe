"""The contract is written once, and nobody waits for it who does not read it."""

import asyncio
import threading
from typing import Any

import httpx

from store_agent.api.document import PATH, Document

WAIT_SECONDS = 10.0
"""Until the loop that ought to go on is taken to stand still."""


async def ask(document: Document) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(document), base_url="http://agent") as client:
        return await client.get(PATH)


async def test_others_have_their_turn_while_it_is_written_and_it_is_written_once() -> None:
    begun, turn = threading.Event(), threading.Event()
    written = []

    def describe() -> dict[str, Any]:
        begun.set()
        written.append(turn.wait(WAIT_SECONDS))
        return {"openapi": "3.1.0"}

    document = Document(describe)
    readers = [asyncio.create_task(ask(document)) for _ in range(3)]
    assert await asyncio.to_thread(begun.wait, WAIT_SECONDS)
    turn.set()
    assert [(await reader).json() for reader in readers] == [{"openapi": "3.1.0"}] * 3
    assert written == [True]
