"""Printing over the network: raw bytes to a port, with the printer's word that it can print, if it gives one.

Every step has a deadline. Most printers close the connection once they have taken what was sent; one that resets it, or
has not even acknowledged the bytes by then, may or may not have printed.
"""

import asyncio
import fcntl
import struct
import termios
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from store_agent.errors import PrinterTrouble
from store_agent.printing.printer import NetworkWay
from store_agent.printing.real_time import ANSWER_BYTES, ASK, is_status, trouble_in

STATUS_SECONDS = 0.5
"""How long a printer may take to tell its status; those that tell it do so within some milliseconds."""

FAREWELL_SECONDS = 0.5
"""How long a printer may take to close the connection; some never do."""

_READ_BYTES = 1_024


class Conversation:
    """A connection to a printer."""

    def __init__(self, name: str, way: NetworkWay, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._name = name
        self._way = way
        self._reader = reader
        self._writer = writer

    async def ask(self) -> bool:
        """Ask for the status; tells whether there was an answer. Raises PrinterTrouble if it cannot print."""
        try:
            self._writer.write(ASK)
            async with asyncio.timeout(STATUS_SECONDS):
                answer = await self._reader.readexactly(ANSWER_BYTES)
        except TimeoutError:
            return False
        except (OSError, asyncio.IncompleteReadError):
            raise self._broken_off(sent=False) from None
        if not is_status(answer):
            return False
        if words := trouble_in(answer, self._name):
            raise PrinterTrouble(words)
        return True

    async def send(self, content: bytes, seconds: float) -> None:
        """Send within so many seconds, and hear whether the printer breaks off. Raises PrinterTrouble."""
        try:
            await self._hand_over(content, seconds)
            await self._part()
        except TimeoutError:
            words = (
                f"The printer {self._name} at {self._way} stopped while it printed: look at it, switch it off and on."
            )
            raise PrinterTrouble(words, sent=True) from None
        except OSError:
            raise self._broken_off(sent=True) from None

    async def _hand_over(self, content: bytes, seconds: float) -> None:
        self._writer.transport.set_write_buffer_limits(high=0)
        async with asyncio.timeout(seconds):
            self._writer.write(content)
            await self._writer.drain()

    async def _part(self) -> None:
        """Wait until the printer closes the connection; one that does not must at least have taken every byte."""
        self._writer.write_eof()
        try:
            async with asyncio.timeout(FAREWELL_SECONDS):
                while await self._reader.read(_READ_BYTES):
                    pass
        except TimeoutError:
            if self._unacknowledged():
                raise

    def _unacknowledged(self) -> int:
        """Count the bytes that the printer has not taken (SIOCOUTQ of tcp(7), which is TIOCOUTQ)."""
        connection = self._writer.get_extra_info("socket")
        found: int = struct.unpack("i", fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, bytes(4)))[0]
        return found

    def _broken_off(self, *, sent: bool) -> PrinterTrouble:
        words = f"The printer {self._name} at {self._way} broke off the connection: switch it off and on."
        return PrinterTrouble(words, sent=sent)


@asynccontextmanager
async def talk(name: str, way: NetworkWay, timeout: float) -> AsyncIterator[Conversation]:  # noqa: ASYNC109 - to connect
    """Connect for as long as the context lasts. Raises PrinterTrouble."""
    try:
        async with asyncio.timeout(timeout):
            reader, writer = await asyncio.open_connection(way.host, way.port)
    except (OSError, TimeoutError, UnicodeError):  # the last for what cannot be a name
        words = f"The printer {name} does not answer at {way}: is it on and connected?"
        raise PrinterTrouble(words) from None
    try:
        yield Conversation(name, way, reader, writer)
    finally:
        writer.transport.abort()  # all is taken, or the printer is given up; a close could wait for it
