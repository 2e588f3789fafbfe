"""Sales in a directory, one file each, for the short while in which the agent itself is down.

A file is written beside its place, synced, renamed, and its name synced: after `put` it survives a power cut, and a
crash before leaves nothing that counts. Names sort in the order of `put`. A file holds the checksum of the request and
the request itself, byte for byte, since the agent tells a repetition by the text. Removing and moving need no sync:
what a power cut brings back is sent again, and the agent answers as before.
"""

import contextlib
import fcntl
import hashlib
import os
import re
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

from .problems import NotKept

REFUSED = "refused"
DAMAGED = "damaged"

_SUFFIX = ".sale"
_NAME = re.compile(r"\d{12}-[0-9a-f]{8}\.sale")
_UNFINISHED = ".unfinished"
_POLL_SECONDS = 0.02


class BadFile(ValueError):
    """A file is not what `put` wrote: the disk damaged it, or somebody else put it there."""


class TurnTaken(NotKept):
    """Another process or thread had its turn with the directory all the time."""


class KeptSales:
    """The sales that the agent has not taken yet. One directory belongs to one terminal.

    At most `sales_max` files lie in it, refused and damaged ones included. All methods raise NotKept when the disk does
    not do what it must.
    """

    def __init__(self, directory: Path, *, sales_max: int, turn_seconds: float) -> None:
        self._directory = directory
        self._sales_max = sales_max
        self._turn_seconds = turn_seconds

    def put(self, body: bytes) -> str:
        """Write a request durably behind all others; gives the file's name."""
        with self._turn("keep.lock"), self._disk():
            self._clear_unfinished()
            if self._count() >= self._sales_max:
                raise NotKept("not_kept", f"{self._directory} holds {self._sales_max} sales already, its limit.")
            return self._write(self._next_name(), body)

    def names(self) -> list[str]:
        """Name the sales that wait, the oldest first."""
        with self._disk():
            return sorted(path.name for path in self._directory.iterdir() if _NAME.fullmatch(path.name))

    def read(self, name: str) -> bytes:
        """Give a request as it was put. Raises BadFile."""
        with self._disk():
            checksum, _, body = (self._directory / name).read_bytes().partition(b"\n")
        if checksum != _checksum(body):
            raise BadFile(f"{name} is damaged.")
        return body

    def remove(self, name: str) -> None:
        """Forget a sale that the agent took."""
        with self._disk():
            (self._directory / name).unlink(missing_ok=True)

    def place(self, name: str, folder: str) -> Path:
        """Tell where `set_aside` moves a sale."""
        return self._directory / folder / name

    def set_aside(self, name: str, folder: str, note: str | None) -> None:
        """Move a sale out of the way; a note about it is written beside it first."""
        place = self.place(name, folder)
        with self._disk():
            place.parent.mkdir(mode=0o700, exist_ok=True)
            if note is not None:
                place.with_suffix(".error.json").write_text(note, encoding="utf-8")
            (self._directory / name).rename(place)

    def flush_turn(self) -> contextlib.AbstractContextManager[None]:
        """Be the only one to send from the directory. Raises TurnTaken when another one does for too long."""
        return self._turn("flush.lock")

    @contextlib.contextmanager
    def _turn(self, name: str) -> Iterator[None]:
        """Hold a lock that ends with the process at the latest."""
        with self._disk():
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self._directory / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            self._wait_for(lock)
            yield
        finally:
            os.close(lock)

    def _wait_for(self, lock: int) -> None:
        end = time.monotonic() + self._turn_seconds
        while True:
            with contextlib.suppress(BlockingIOError):
                return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if time.monotonic() >= end:
                raise TurnTaken("not_kept", f"Another plugin is busy with {self._directory}.")
            time.sleep(_POLL_SECONDS)

    def _write(self, name: str, body: bytes) -> str:
        unfinished = self._directory / (name + _UNFINISHED)
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(_checksum(body) + b"\n" + body)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(self._directory / name)
        self._sync_names()
        return name

    def _sync_names(self) -> None:
        directory = os.open(self._directory, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

    def _next_name(self) -> str:
        """Make a name behind all that wait, and unlike any that was set aside."""
        waiting = self.names()
        last = int(waiting[-1].partition("-")[0]) if waiting else 0
        return f"{last + 1:012}-{secrets.token_hex(4)}{_SUFFIX}"

    def _count(self) -> int:
        folders = [self._directory, self._directory / REFUSED, self._directory / DAMAGED]
        return sum(1 for folder in folders for _ in folder.glob("*" + _SUFFIX))

    def _clear_unfinished(self) -> None:
        """Remove what a crash left; whoever holds the turn writes none yet."""
        for left in self._directory.glob("*" + _UNFINISHED):
            left.unlink()

    @contextlib.contextmanager
    def _disk(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            message = f"The directory of kept sales {self._directory} cannot be used: {error.strerror or error}."
            raise NotKept("not_kept", message) from error


def _checksum(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode()
