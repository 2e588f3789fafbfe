"""Printing to a device file, and to a plain file. These functions block; the first for a bounded time."""

import errno
import os
import select
import termios
import time
import tty
from pathlib import Path

from store_agent.errors import PrinterTrouble

_FLAGS = os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
"""A printer that is off, or a pipe that nobody reads, must not make opening wait."""

_FILE_MODE = 0o640


def write_device(name: str, path: Path, content: bytes, seconds: float) -> None:
    """Write everything to a device, within so many seconds. Raises PrinterTrouble."""
    written = 0
    deadline = time.monotonic() + seconds
    try:
        device = os.open(path, _FLAGS)
        try:
            _make_raw(device)
            while written < len(content):
                _wait_until_ready(device, deadline)
                written += os.write(device, content[written:])
        except (OSError, TimeoutError):
            _forget_unsent(device)
            raise
        finally:
            os.close(device)
    except TimeoutError:
        words = f"The printer {name} at {path} takes nothing more: does it have paper, and is it on?"
        raise PrinterTrouble(words, sent=written > 0) from None
    except OSError as error:
        raise PrinterTrouble(_words(name, path, error), sent=written > 0) from None


def append(name: str, path: Path, content: bytes) -> None:
    """Put everything behind what is in a file, in one write. Raises PrinterTrouble."""
    written = 0
    try:
        file = os.open(path, _FLAGS | os.O_APPEND | os.O_CREAT, _FILE_MODE)
        try:
            written = os.write(file, content)
        finally:
            os.close(file)
    except OSError as error:
        raise PrinterTrouble(_words(name, path, error)) from None
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


def _make_raw(device: int) -> None:
    """Keep a serial line from changing bytes: what draws a picture may look like the end of a line."""
    if os.isatty(device):
        tty.setraw(device, termios.TCSANOW)


def _wait_until_ready(device: int, deadline: float) -> None:
    poll = select.poll()
    poll.register(device, select.POLLOUT)
    if not poll.poll(max(0.0, deadline - time.monotonic()) * 1_000):
        raise TimeoutError


def _forget_unsent(device: int) -> None:
    """Drop what a serial line still holds: closing it would wait for that."""
    if os.isatty(device):
        termios.tcflush(device, termios.TCOFLUSH)


def _words(name: str, path: Path, error: OSError) -> str:
    if error.errno in (errno.ENOENT, errno.ENXIO, errno.ENODEV, errno.ENOTDIR):
        return f"The printer {name} is not there at {path}: is it plugged in and on?"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            f"The agent may not write to the printer {name} at {path}; whoever looks after this machine can allow it."
        )
    if error.errno == errno.EBUSY:
        return f"Another program uses the printer {name} at {path}."
    if error.errno == errno.ENOSPC:  # so says the driver of USB printers, too
        return f"The printer {name} at {path} is out of paper, or its disk is full."
    return f"The printer {name} at {path} does not print ({error.strerror}): look at it, switch it off and on."
