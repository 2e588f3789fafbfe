"""What is done once an answer is out, so that no cashier waits for it."""

import asyncio
from collections.abc import Coroutine

LATER_SECONDS = 0.1
"""Work that begins at once would take the event loop and Python's lock from the answer that is just being written."""


class Afterwards:
    """Does things a moment later. `settle` waits for all of them."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._hurry = asyncio.Event()

    def do(self, work: Coroutine[None, None, None]) -> None:
        """Do something when the answer is out."""
        task = asyncio.create_task(self._later(work), name="counter-afterwards")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settle(self) -> None:
        """Do at once what is still to be done, and wait for it."""
        while self._tasks:
            self._hurry.set()
            await asyncio.wait(self._tasks)
            self._hurry.clear()

    async def _later(self, work: Coroutine[None, None, None]) -> None:
        try:
            async with asyncio.timeout(LATER_SECONDS):
                await self._hurry.wait()
        except TimeoutError:
            pass
        await work
