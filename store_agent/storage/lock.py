"""One agent per storage directory, held by a lock that ends with the process."""

import contextlib
import fcntl
import os
from pathlib import Path

from store_agent.errors import CannotCreate, TemporaryFailure


class DirectoryLock:
    """An exclusive lock on `agent.lock`; whoever holds it may write to the directory."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / "agent.lock"
        self._descriptor: int | None = None

    def take(self) -> None:
        """Take the lock or raise TemporaryFailure that names who holds it."""
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise CannotCreate(f"The lock file {self._path} cannot be opened ({error.strerror}).") from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip() or "unknown"
            os.close(descriptor)
            raise TemporaryFailure(
                f"Another store-agent (process {holder}) uses {self._path.parent}. "
                "Only one may run for a store; stop it first, or give this one its own storage.directory."
            ) from None
        with contextlib.suppress(
            OSError
        ):  # the number is only shown; a full disk must not keep the agent from starting
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back. Safe to call again."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
