"""Bringing bytes to a printer, in bounded time whatever it does.

Paper that came out cannot be taken back, and no printer says for certain that it did. So delivered means: handed over,
to a printer that said just before that it can print, or says nothing of itself at all.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from store_agent.errors import PrinterTrouble
from store_agent.printing.device import Device, append, find_fault
from store_agent.printing.network import talk
from store_agent.printing.printer import DeviceWay, FileWay, NetworkWay, Printer

SECOND_COPY = b"\x1b@REPRINT: THE FIRST COPY\nMAY HAVE COME OUT\n\n"
"""Goes before what an earlier try may have printed already: ESC @, then words that fit 58 mm in every code page."""

SLOWEST_BYTES = 480
"""Bytes a second of the slowest line that printers have, 4,800 baud; the time for them comes on top of the timeout."""

THREADS = 1
"""For each printer: a look-up of its name or a write that hangs in the system holds up what is asked of this printer,
and neither the other printers nor whatever else is looked up or drawn."""


@dataclass(frozen=True, slots=True)
class Reached:
    """A printer that takes a job now; `told` tells whether it told its status.

    Nothing of a job has left before `print`, which raises PrinterTrouble.
    """

    told: bool
    print: Callable[[bytes], Awaitable[None]]


class Delivery:
    """The way to one printer; for one job at a time. Raises PrinterTrouble with words for a cashier."""

    def __init__(self, printer: Printer) -> None:
        self._printer = printer
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix=f"printer {printer.name}")

    def reach(self, *, tells_status: bool = False) -> AbstractAsyncContextManager[Reached]:
        """Get hold of the printer for one job.

        One that `tells_status` otherwise and is silent now is in trouble; silence of others means nothing.
        """
        match self._printer.way:
            case NetworkWay() as way:
                return self._over_network(way, tells_status=tells_status)
            case DeviceWay() as way:
                return self._at_device(way)
            case FileWay(path):
                return self._in_file(path)

    async def look(self) -> bool:
        """Look whether the printer could print, without printing; gives whether it told its status."""
        way = self._printer.way
        if not isinstance(way, NetworkWay):
            await self._on_thread(partial(find_fault, made=isinstance(way, FileWay)), self._printer.name, way.path)
            return False
        async with self._over_network(way) as reached:
            return reached.told

    @asynccontextmanager
    async def _over_network(self, way: NetworkWay, *, tells_status: bool = False) -> AsyncIterator[Reached]:
        name = self._printer.name
        async with talk(name, way, self._printer.timeout, self._threads) as conversation:
            told = await conversation.ask()
            if tells_status and not told:
                words = f"The printer {name} at {way} does not react any more: switch it off and on."
                raise PrinterTrouble(words)
            yield Reached(told, lambda content: conversation.send(content, self._seconds(content)))

    @asynccontextmanager
    async def _at_device(self, way: DeviceWay) -> AsyncIterator[Reached]:
        device = Device(self._printer.name, way)
        try:
            await self._on_thread(device.open, self._printer.timeout)
            yield Reached(
                told=False, print=lambda content: self._on_thread(device.write, content, self._seconds(content))
            )
        finally:
            self._threads.submit(device.close)  # after what the thread still does, if this was cancelled

    @asynccontextmanager
    async def _in_file(self, path: Path) -> AsyncIterator[Reached]:
        yield Reached(told=False, print=lambda content: self._on_thread(append, self._printer.name, path, content))

    def _seconds(self, content: bytes) -> float:
        return self._printer.timeout + len(content) / SLOWEST_BYTES

    async def _on_thread(self, work: Callable[..., None], *arguments: Any) -> None:
        await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
