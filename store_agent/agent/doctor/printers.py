"""Whether the printers could print, without printing."""

import asyncio
from collections.abc import Iterator

from store_agent.agent.doctor.finding import Finding, ok, warning
from store_agent.agent.doctor.subject import Subject
from store_agent.agent.printing import make_printers
from store_agent.errors import ConfigurationError, PrinterTrouble, Unavailable
from store_agent.printing.delivery import Delivery
from store_agent.printing.escpos import render
from store_agent.printing.printer import NetworkWay, Printer
from store_agent.printing.test_page import trial_slip

_MEANING = "Sales are not affected; receipts wait for it, and are given up in the end."
_UNWRITTEN = "Sales are not affected; nothing can be printed there."


def check(subject: Subject) -> Iterator[Finding]:
    """Look at all of them at once: one that does not answer takes its time."""
    yield from asyncio.run(_look_at_all(list(make_printers(subject.settings).values())))


async def _look_at_all(printers: list[Printer]) -> list[Finding]:
    return list(await asyncio.gather(*map(_look_at, printers)))


async def _look_at(printer: Printer) -> Finding:
    name = f"printer.{printer.name}"
    then = f"store-agent printer test {printer.name}"
    try:
        await asyncio.to_thread(render, trial_slip(printer.name, printer.paper), printer.paper)
    except (ConfigurationError, Unavailable) as problem:
        return warning(name, str(problem), _UNWRITTEN, f"Mend it, then: {then}")
    try:
        told = await Delivery(printer).look()
    except PrinterTrouble as trouble:
        return warning(name, str(trouble), _MEANING, f"Mend it, then: {then}")
    if told:
        return ok(name, f"It is at {printer.way}, ready and has paper.")
    says = ", but tells nothing of itself or its paper" if isinstance(printer.way, NetworkWay) else ""
    return ok(name, f"It is at {printer.way}{says}.")
