"""Writes what is measured into a file for node_exporter, where nothing may call the agent (its textfile collector)."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

from store_agent.errors import CannotCreate

MODE = 0o644
"""Readable by node_exporter, which runs as another user."""


class TextfileChore:
    """Replaces the file as a whole, so that nobody ever reads a part of it."""

    def __init__(self, path: Path, write: Callable[[], Awaitable[bytes]]) -> None:
        self._path = path
        self._write = write

    async def run_once(self) -> None:
        """Write it. Raises CannotCreate."""
        content = await self._write()
        try:
            await asyncio.to_thread(_replace, self._path, content)
        except OSError as error:
            raise CannotCreate(
                f"The metrics cannot be written to {self._path} ({error.strerror}). Let the agent's user write to that "
                "directory (systemctl edit store-agent, ReadWritePaths), or correct metrics.textfile."
            ) from None


def _replace(path: Path, content: bytes) -> None:
    """Write beside it and rename; nothing is synced, since the next one follows soon. Raises OSError.

    The directory is another service's: a link that lies there under this name must lead to no file of the agent's.
    """
    beside = path.with_name(f".{path.name}.new")  # only names that end in .prom are read
    beside.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, MODE), "wb") as file:
            os.fchmod(file.fileno(), MODE)
            file.write(content)
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
