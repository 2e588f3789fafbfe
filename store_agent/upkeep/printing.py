"""Prints what waits for one printer. Each printer has its own chore, so that one that hangs holds up no other."""

from store_agent.domain.events import Event, Tell
from store_agent.domain.prints import Condition
from store_agent.errors import PrinterTrouble
from store_agent.printing.delivery import SECOND_COPY, deliver
from store_agent.printing.printer import Printer
from store_agent.storage.prints import Begun, Prints

DOUBTS_MAX = 3
"""Tries that may have printed a job, before it is given up: a printer that prints and then fails must not go on so."""

_DOUBTS = "The printer failed each time while it printed it, so that it may have come out; look there."


class PrintChore:
    """Prints the oldest first, and stops at the first that the printer does not take: it is tried again the next time.

    `condition` is where the printer's trouble is told to others; `tell` hears of it when it changes.
    """

    def __init__(self, printer: Printer, prints: Prints, condition: Condition, tell: Tell) -> None:
        self._printer = printer
        self._prints = prints
        self._condition = condition
        self._tell = tell

    async def run_once(self) -> None:
        """Print until nothing waits or the printer is in trouble. Raises Busy or StorageFailure."""
        going = True
        while going and (job := await self._prints.begin(self._printer.name)) is not None:
            going = await self._print(job) if job.doubts < DOUBTS_MAX else await self._give_up(job)

    async def _print(self, job: Begun) -> bool:
        """Print a job; tells whether the printer took it."""
        content = SECOND_COPY + job.content if job.doubts else job.content
        try:
            told = await deliver(self._printer, content, tells_status=job.tells_status)
        except PrinterTrouble as trouble:
            self._note_trouble(str(trouble))
            await self._prints.fail(job.number, str(trouble), doubtful=trouble.sent)
            return False
        self._note_well()
        await self._prints.printed(job.number, told=told)
        return True

    async def _give_up(self, job: Begun) -> bool:
        await self._prints.give_up(job.number, _DOUBTS)
        words = f"A receipt for the printer {self._printer.name} is given up. {_DOUBTS}"
        self._tell(Event("print.given_up", words, {"job": job.number, "printer": self._printer.name, "who": None}))
        return True

    def _note_trouble(self, words: str) -> None:
        if words != self._condition.trouble:
            self._condition.trouble = words
            self._tell(Event("printer.trouble", f"{words} Sales are not affected.", {"printer": self._printer.name}))

    def _note_well(self) -> None:
        if self._condition.trouble:
            self._condition.trouble = ""
            words = f"The printer {self._printer.name} prints again."
            self._tell(Event("printer.well", words, {"printer": self._printer.name}))
