"""Hands receipts to printers: keeps each first, then waits a moment, and tells the cashier whether it came out."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from store_agent.api.print_seams import Prints
from store_agent.api.seams import Space
from store_agent.clock import Clock
from store_agent.domain.events import Event, Tell
from store_agent.domain.prints import Condition, PrintJob, PrintState, job_words, printer_words
from store_agent.domain.summary import moment
from store_agent.errors import BadInput, ConfigurationError, DiskFull, FieldError, Unavailable
from store_agent.printing.escpos import render
from store_agent.printing.layout import Slip
from store_agent.printing.printer import Printer
from store_agent.storage.prints import Noted

WAIT_SECONDS = 1.5
"""How long a caller waits for the paper: most printers take half a second, and a cashier looks there after two."""

_IN_PRINTER = "It is being printed now. If it does not come out, try again in a moment."


@dataclass(frozen=True, slots=True)
class Standing:
    """A printer, how it is, how many jobs wait for it, and when it last printed (milliseconds since 1970)."""

    printer: Printer
    trouble: str
    waiting: int
    last_printed: int | None


class Spool:
    """The printers of the store. `hurry` has one print now what waits for it; `conditions` tell how each is.

    Raises Busy or StorageFailure.
    """

    def __init__(
        self,
        printers: Mapping[str, Printer],
        conditions: Mapping[str, Condition],
        prints: Prints,
        space: Space,
        *,
        hurry: Callable[[str], None],
        clock: Clock,
        tell: Tell,
    ) -> None:
        self._printers = printers
        self._conditions = conditions
        self._prints = prints
        self._space = space
        self._hurry = hurry
        self._clock = clock
        self._tell = tell

    def named(self, name: str) -> Printer:
        """Give a printer. Raises BadInput `unknown_printer` (404)."""
        if name not in self._printers:
            words = f"There is no printer {name[:100]} here; {self._known()}."
            raise BadInput("unknown_printer", words, fields=(FieldError("printer", "is not known"),), status=404)
        return self._printers[name]

    def printer_of(self, terminal: str) -> Printer:
        """Give the printer of a terminal, or of a manager by that name. Raises BadInput `no_printer` (409)."""
        others = None
        for printer in self._printers.values():
            if printer.terminals is None:
                others = printer
            elif terminal in printer.terminals:
                return printer
        if others is None:
            words = (
                f"No printer is set up for {terminal}; {self._known()}. Name one, or set it up in the configuration."
            )
            raise BadInput("no_printer", words, status=409)
        return others

    async def print(
        self, printer: Printer, slip: Slip, about: str, noted: Noted | None = None, *, once: bool = False
    ) -> PrintJob:
        """Print a slip; gives the job as it is once the printer was tried, or after WAIT_SECONDS.

        With `once`, what waits there or was printed within the day is not printed again; gives that job.

        Raises DiskFull where there is no room to keep it, BadInput where it cannot be written for this printer.
        """
        content = await _rendered(slip, printer)
        if not self._space.admit(len(content)):
            raise DiskFull("The disk of this store's machine is full: nothing is kept to be printed.")
        number = await self._prints.put(printer.name, content, about, noted, once=once)
        job = await self.find(number)
        return await self._tried(job) if job.state is PrintState.WAITING else job

    async def _tried(self, job: PrintJob) -> PrintJob:
        self._hurry(job.printer)
        with suppress(TimeoutError):
            async with asyncio.timeout(WAIT_SECONDS):
                await self._prints.wait_until_tried(job.number)
        return await self.find(job.number)

    async def find(self, number: int) -> PrintJob:
        """Give a job. Raises BadInput `unknown_print` (404)."""
        job = await self._prints.find(number)
        if job is None:
            words = f"There is no print job {number}; jobs are kept for a day after they were printed or given up."
            raise BadInput("unknown_print", words, status=404)
        return job

    async def queued(self) -> list[PrintJob]:
        """Give what waits for printers, the oldest first."""
        return await self._prints.queued()

    async def give_up(self, number: int, who: str) -> PrintJob:
        """Give up a job that waits. Raises BadInput `unknown_print` (404) or `not_possible` (409)."""
        job = await self.find(number)
        if not await self._prints.give_up(number, f"It was given up by {who}."):
            job = await self.find(number)
            words = _IN_PRINTER if job.state is PrintState.WAITING else self.words(job)
            raise BadInput("not_possible", f"Nothing was done: {words}", status=409)
        ended = await self.find(number)
        self._tell(
            Event("print.given_up", self.words(ended), {"job": number, "printer": job.printer, "who": who}),
        )
        return ended

    def words(self, job: PrintJob) -> str:
        """Tell a cashier what became of a job."""
        condition = self._conditions.get(job.printer)
        settled = "" if job.settled_at is None else moment(job.settled_at / 1000, self._clock.wall())
        return job_words(job, condition.trouble if condition else "", settled)

    async def standings(self) -> list[Standing]:
        """Tell how every printer is."""
        waiting = await self._prints.waiting()
        return [
            Standing(
                printer,
                self._conditions[name].trouble,
                waiting.get(name, 0),
                await self._prints.last_printed(name),
            )
            for name, printer in self._printers.items()
        ]

    async def trouble(self) -> list[str]:
        """Tell a manager of the printers that keep somebody waiting."""
        if not any(condition.trouble for condition in self._conditions.values()):
            return []
        waiting = await self._prints.waiting()
        told = (printer_words(name, waiting.get(name, 0), one.trouble) for name, one in self._conditions.items())
        return [words for words in told if words]

    def _known(self) -> str:
        if not self._printers:
            return "the configuration names none"
        return f"there are {', '.join(self._printers)}"


async def _rendered(slip: Slip, printer: Printer) -> bytes:
    """Write a slip for a printer. Raises BadInput `not_printable` (409) or `not_installed` (501)."""
    try:
        return await asyncio.to_thread(render, slip, printer.paper)
    except ConfigurationError as problem:
        raise BadInput("not_printable", str(problem), status=409) from None
    except Unavailable as problem:
        raise BadInput("not_installed", str(problem), status=501) from None
