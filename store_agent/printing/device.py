"""Printing to a device file, and to a plain file. All of this blocks; what is done to a device, for a bounded time."""

import errno
import os
import select
import stat
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from store_agent.errors import PrinterTrouble
from store_agent.printing.printer import DeviceWay
from store_agent.printing.serial_line import set_up
from store_agent.printing.unsent import unsent

LOOK_SECONDS = 0.02
"""How often it is looked whether a serial line has sent everything; nothing tells when."""

FILE_BYTES_MAX = 64 * 1024 * 1024
"""How large a printer's file may become, some 100,000 receipts: nobody else bounds it, and the sales need the disk."""

_FLAGS = os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
"""A printer that is off, or a pipe that nobody reads, must not make opening wait."""

_FILE_MODE = 0o640

_GONE = select.POLLERR | select.POLLHUP


class Device:
    """A device file, opened for one job. One thread does all of it, so that nothing writes to what was closed."""

    def __init__(self, name: str, way: DeviceWay) -> None:
        self._name = name
        self._path = way.path
        self._way = way
        self._handle: int | None = None
        self._written = 0
        self._taken = False

    def open(self, seconds: float) -> None:
        """Open it and wait until it takes something, so many seconds. Raises PrinterTrouble."""
        with self._in_words():
            self._handle = os.open(self._path, _FLAGS)
            set_up(self._handle, self._way)
            _wait_until_ready(self._handle, time.monotonic() + seconds)

    def write(self, content: bytes, seconds: float) -> None:
        """Write everything, and wait until the printer has it, within so many seconds. Raises PrinterTrouble."""
        assert self._handle is not None  # noqa: S101 - it was opened
        deadline = time.monotonic() + seconds
        with self._in_words():
            while self._written < len(content):
                _wait_until_ready(self._handle, deadline)
                self._written += os.write(self._handle, content[self._written :])
            _wait_until_taken(self._handle, deadline)
            self._taken = True

    def close(self) -> None:
        """Close it; what a serial line still holds after a failure is dropped, since closing would wait for that."""
        if self._handle is None:
            return
        try:
            if not self._taken and os.isatty(self._handle):
                termios.tcflush(self._handle, termios.TCOFLUSH)
        finally:
            os.close(self._handle)

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """Raise PrinterTrouble for what the system raises; a serial line that is gone raises an error of its own."""
        try:
            yield
        except (TimeoutError, BlockingIOError):
            words = f"The printer {self._name} at {self._path} takes nothing more: does it have paper, and is it on?"
            raise PrinterTrouble(words, sent=self._written > 0) from None
        except (OSError, termios.error) as error:
            raise PrinterTrouble(_words(self._name, self._path, error), sent=self._written > 0) from None


def append(name: str, path: Path, content: bytes) -> None:
    """Put everything behind what is in a file, in one write, and wait until the disk has it. Raises PrinterTrouble."""
    written = 0
    try:
        file = os.open(path, _FLAGS | os.O_APPEND | os.O_CREAT, _FILE_MODE)
        try:
            found = os.fstat(file)
            if found.st_size + len(content) > FILE_BYTES_MAX:
                raise PrinterTrouble(_full(name, path))
            written = os.write(file, content)
            if stat.S_ISREG(found.st_mode):  # nothing else can be synced
                os.fsync(file)
        finally:
            os.close(file)
    except OSError as error:
        raise PrinterTrouble(_words(name, path, error), sent=written > 0) from None
    if written < len(content):
        raise PrinterTrouble(f"The printer {name}: the disk of {path} is full.", sent=True)


def find_fault(name: str, path: Path, *, made: bool) -> None:
    """Look whether there is something to write to; what is `made` need not be there. Raises PrinterTrouble."""
    try:
        if made and not path.exists():
            path.parent.stat()
            if not os.access(path.parent, os.W_OK):
                raise PermissionError(errno.EACCES, "")
            return
        os.close(os.open(path, _FLAGS))
    except OSError as error:
        raise PrinterTrouble(_words(name, path, error)) from None


def _wait_until_ready(device: int, deadline: float) -> int:
    """Wait until a device takes something; gives what the system says of it. Raises TimeoutError."""
    poll = select.poll()
    poll.register(device, select.POLLOUT)
    found = poll.poll(max(0.0, deadline - time.monotonic()) * 1_000)
    if not found:
        raise TimeoutError
    return found[0][1]


def _wait_until_taken(device: int, deadline: float) -> None:
    """Wait for what closing would cut off. Raises TimeoutError, and OSError if the printer is gone.

    The driver of USB printers (usblp) takes something again once the last transfer has ended, and kills it when closed.
    """
    if _wait_until_ready(device, deadline) & _GONE:
        raise OSError(errno.EIO, os.strerror(errno.EIO))
    while os.isatty(device) and unsent(device):
        if time.monotonic() >= deadline:
            raise TimeoutError
        time.sleep(LOOK_SECONDS)


def _full(name: str, path: Path) -> str:
    return (
        f"The file {path} of the printer {name} is full ({FILE_BYTES_MAX // 1024**2} MiB): whoever looks after this "
        "machine can move it away or empty it."
    )


def _words(name: str, path: Path, error: Exception) -> str:
    """Say it for a cashier; the first argument of `error` is its number."""
    number = error.args[0]
    if number in (errno.ENOENT, errno.ENXIO, errno.ENODEV, errno.ENOTDIR):
        return f"The printer {name} is not there at {path}: is it plugged in and on?"
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            f"The agent may not write to the printer {name} at {path}; whoever looks after this machine can allow it."
        )
    if number == errno.EBUSY:
        return f"Another program uses the printer {name} at {path}."
    if number == errno.ENOSPC:  # so says the driver of USB printers, too
        return f"The printer {name} at {path} is out of paper, or its disk is full."
    return f"The printer {name} at {path} does not print ({os.strerror(number)}): look at it, switch it off and on."
