"""Bringing bytes to a printer, in bounded time whatever it does.

Paper that came out cannot be taken back, and no printer says for certain that it did. So delivered means: handed over,
to a printer that said just before that it can print, or says nothing of itself at all.
"""

import asyncio

from store_agent.errors import PrinterTrouble
from store_agent.printing.device import append, find_fault, write_device
from store_agent.printing.network import talk
from store_agent.printing.printer import DeviceWay, FileWay, NetworkWay, Printer

SECOND_COPY = b"\x1b@REPRINT: THE FIRST COPY\nMAY HAVE COME OUT\n\n"
"""Goes before what an earlier try may have printed already: ESC @, then words that fit 58 mm in every code page."""

SLOWEST_BYTES = 480
"""Bytes a second of the slowest line that printers have, 4,800 baud; the time for them comes on top of the timeout."""


async def deliver(printer: Printer, content: bytes, *, tells_status: bool = False) -> bool:
    """Print; gives whether the printer told its status before.

    One that `tells_status` otherwise and is silent now is in trouble; silence of others means nothing. Raises
    PrinterTrouble with words for a cashier.
    """
    seconds = printer.timeout + len(content) / SLOWEST_BYTES
    match printer.way:
        case NetworkWay():
            return await _over_network(printer, printer.way, content, seconds, tells_status=tells_status)
        case DeviceWay(path):
            await asyncio.to_thread(write_device, printer.name, path, content, seconds)
        case FileWay(path):
            await asyncio.to_thread(append, printer.name, path, content)
    return False


async def look(printer: Printer) -> bool:
    """Look whether a printer could print, without printing; gives whether it told its status. Raises PrinterTrouble."""
    if not isinstance(printer.way, NetworkWay):
        await asyncio.to_thread(find_fault, printer.name, printer.way.path, made=isinstance(printer.way, FileWay))
        return False
    async with talk(printer.name, printer.way, printer.timeout) as conversation:
        return await conversation.ask()


async def _over_network(
    printer: Printer, way: NetworkWay, content: bytes, seconds: float, *, tells_status: bool
) -> bool:
    async with talk(printer.name, way, printer.timeout) as conversation:
        told = await conversation.ask()
        if tells_status and not told:
            words = f"The printer {printer.name} at {way} does not react any more: switch it off and on."
            raise PrinterTrouble(words)
        await conversation.send(content, seconds)
        return told
