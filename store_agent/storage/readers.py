"""Connections that read one edition of a file, for as long as somebody needs it."""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import TypeVar

from store_agent.storage import sqlite
from store_agent.storage.connection import Connection, Work
from store_agent.storage.history import Answer, Version

T = TypeVar("T")


class Readers:
    """Reads the edition of a version; None is that of nothing."""

    def __init__(self, connections: Sequence[Connection], version: Version | None) -> None:
        self.version = version
        self._connections = connections
        self._free: asyncio.Queue[Connection] = asyncio.Queue()
        for connection in connections:
            self._free.put_nowait(connection)
        self._reading = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def read(self, work: Work[T]) -> Answer[T]:
        """Run a unit of work. Raises StorageFailure when the file cannot be read, of which Damaged."""
        self._reading += 1
        self._idle.clear()
        try:
            return Answer(await self._run(work), self.version)
        finally:
            self._reading -= 1
            if not self._reading:
                self._idle.set()

    async def _run(self, work: Work[T]) -> T:
        connection = await self._free.get()
        try:
            return await connection.run(work)
        except (sqlite.Error, UnicodeDecodeError) as error:
            failure = sqlite.failure(error, "reading")
            if sqlite.needs_renewal(error):
                with contextlib.suppress(sqlite.Error):
                    await connection.run(lambda _: connection.renew())
            raise failure from error
        finally:
            self._free.put_nowait(connection)

    async def close(self) -> None:
        """Close the connections once nobody reads; nobody may begin to."""
        await self._idle.wait()
        for connection in self._connections:
            await connection.close()

    async def break_off(self) -> None:
        """End what is being read, and close."""
        for connection in self._connections:
            await connection.break_off()
        await self.close()
