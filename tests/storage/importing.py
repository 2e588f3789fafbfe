"""Imports a catalog and dies before its first step that touches names or syncs, its second, and so on.

Usage: python -m tests.storage.importing DIRECTORY NAME, where NAME is what all items are called. Each try begins with
what is in DIRECTORY/before and leaves what it comes to in DIRECTORY/<number of the step>; the last one is not killed.
A process of its own, since only one without threads may fork.
"""

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from store_agent.clock import SystemClock
from store_agent.storage import portions
from store_agent.storage.catalog.file import open_catalog
from tests.support.shop import renamed

COUNT = 60
"""Items of the catalog."""

_STEPS = ("fsync", "replace", "rename", "unlink", "open")


class Doom:
    """Dies at the Nth step."""

    def __init__(self, last: int) -> None:
        self._left = last

    def before(self, step: Callable[..., Any]) -> Callable[..., Any]:
        def doomed(*args: Any, **kwargs: Any) -> Any:
            self.come()
            return step(*args, **kwargs)

        return doomed

    def come(self, *_: int) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


async def import_until(directory: Path, name: str, last: int) -> None:
    """Open the catalog, then import as much as can be before the end comes."""
    portions.PORTION = 64
    portions.WRITE_THROUGH_PORTIONS = 2
    catalog = await open_catalog(directory, SystemClock())
    doom = Doom(last)
    for step in _STEPS:
        setattr(os, step, doom.before(getattr(os, step)))
    await catalog.replace(renamed(name, COUNT), name, progress=doom.come)
    await catalog.close()


def main() -> None:
    """Try until nothing kills any more."""
    directory, name = Path(sys.argv[1]), sys.argv[2]
    killed = True
    point = 0
    while killed:
        point += 1
        here = directory / str(point)
        shutil.copytree(directory / "before", here)
        child = os.fork()
        if child == 0:
            asyncio.run(import_until(here, name, point))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        if not killed and status:
            sys.exit(f"step {point} ended with {status}")


if __name__ == "__main__":
    main()
