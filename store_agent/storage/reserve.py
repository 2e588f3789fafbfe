"""A file that only takes room, to be given up when the disk is full so that what waits can still be sent (G12)."""

import os
from pathlib import Path

FILE_NAME = "reserve"


class Reserve:
    """The reserve in a directory, of so many bytes; none at all with 0."""

    def __init__(self, directory: Path, size: int) -> None:
        self._path = directory / FILE_NAME
        self._size = size

    @property
    def held(self) -> bool:
        """Tell whether the room is taken."""
        try:
            return self._path.stat().st_size == self._size
        except OSError:
            return self._size == 0

    def take(self) -> None:
        """Take the room, if there is enough."""
        if self.held:
            return
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, self._size)
            finally:
                os.close(descriptor)
        except OSError:
            self.give()

    def give(self) -> None:
        """Give the room back."""
        self._path.unlink(missing_ok=True)


def free_bytes(directory: Path) -> int:
    """Return what the agent's user can still write to the disk of a directory. Raises OSError."""
    found = os.statvfs(directory)
    return found.f_bavail * found.f_frsize
