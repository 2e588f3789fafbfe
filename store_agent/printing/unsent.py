"""How much of what was handed to the system has not left it."""

import fcntl
import struct
import termios


def unsent(handle: int) -> int:
    """Count the bytes that a serial line still holds, or that the other end of a connection has not acknowledged.

    TIOCOUTQ of tty_ioctl(4), which is SIOCOUTQ of tcp(7). Raises OSError, and ValueError for a handle that is closed.
    """
    found: int = struct.unpack("i", fcntl.ioctl(handle, termios.TIOCOUTQ, bytes(4)))[0]
    return found
