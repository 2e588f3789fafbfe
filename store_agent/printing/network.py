"""Printing over the network: raw bytes to a port, with the printer's word that it can print, if it gives one.

Every step has a deadline. Most printers close the connection once they have taken what was sent; one that resets it, or
has not even acknowledged the bytes by then, may or may not have printed.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from functools import partial

from store_agent.errors import PrinterTrouble
from store_agent.printing.printer import NetworkWay
from store_agent.printing.real_time import ANSWER_BYTES, ASK, is_status, trouble_in
from store_agent.printing.unsent import unsent

STATUS_SECONDS = 0.5
"""How long a printer may take to tell its status; those that tell it do so within some milliseconds."""

FAREWELL_SECONDS = 0.5
"""How long a printer may take to close the connection; some never do."""

_READ_BYTES = 1_024

_OWN_END = 1
"""The end of what is sent counts as one byte, which a printer that closes at once has not acknowledged yet."""

_BROKEN = (OSError, RuntimeError, ValueError)
"""What a connection raises that is lost; the last two when it was closed here already, since its handle is gone."""


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
        except (*_BROKEN, asyncio.IncompleteReadError):
            raise self._broken_off(sent=False) from None
        if not is_status(answer):
            return False
        if words := trouble_in(answer, self._name):
            raise PrinterTrouble(words, told=True)
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
        except _BROKEN:
            raise self._broken_off(sent=True) from None

    async def _hand_over(self, content: bytes, seconds: float) -> None:
        self._writer.transport.set_write_buffer_limits(high=0)
        async with asyncio.timeout(seconds):
            self._writer.write(content)
            await self._writer.drain()

    async def _part(self) -> None:
        """Wait until the printer closes the connection; by then it must have taken every byte, and if it never does."""
        self._writer.write_eof()
        try:
            async with asyncio.timeout(FAREWELL_SECONDS):
                while await self._reader.read(_READ_BYTES):
                    pass
        except TimeoutError:
            if self._unacknowledged():
                raise
            return
        if self._unacknowledged() > _OWN_END:
            raise ConnectionResetError

    def _unacknowledged(self) -> int:
        """Count the bytes that the printer has not taken."""
        return unsent(self._writer.get_extra_info("socket").fileno())

    def _broken_off(self, *, sent: bool) -> PrinterTrouble:
        words = f"The printer {self._name} at {self._way} broke off the connection: switch it off and on."
        return PrinterTrouble(words, sent=sent)


@asynccontextmanager
async def talk(
    name: str,
    way: NetworkWay,
    timeout: float,  # noqa: ASYNC109 - to connect
    threads: Executor,
) -> AsyncIterator[Conversation]:
    """Connect for as long as the context lasts; names are looked up on `threads`. Raises PrinterTrouble."""
    try:
        async with asyncio.timeout(timeout):
            reader, writer = await _connect(way, threads)
    except (OSError, TimeoutError, UnicodeError):  # the last for what cannot be a name
        words = f"The printer {name} does not answer at {way}: is it on and connected?"
        raise PrinterTrouble(words) from None
    try:
        yield Conversation(name, way, reader, writer)
    finally:
        writer.transport.abort()  # all is taken, or the printer is given up; a close could wait for it


async def _connect(way: NetworkWay, threads: Executor) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Try the addresses of a name one after the other. Raises OSError and UnicodeError."""
    look_up = partial(socket.getaddrinfo, way.host, way.port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(threads, look_up)
    problem = OSError()
    for *_, address in found:
        try:
            return await asyncio.open_connection(str(address[0]), way.port)
        except OSError as error:
            problem = error
    raise problem
