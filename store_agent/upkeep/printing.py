"""Prints what waits for one printer. Each printer has its own chore, so that one that hangs holds up no other."""

from store_agent.clock import Clock
from store_agent.domain.backoff import Backoff
from store_agent.domain.events import Event, Tell
from store_agent.domain.prints import Condition
from store_agent.errors import PrinterTrouble
from store_agent.printing.delivery import SECOND_COPY, Delivery
from store_agent.printing.printer import Printer
from store_agent.storage.prints import Due, Prints

QUICK_TRIES = 3
"""Tries in a row that may have printed, before the next ones wait longer each time: most printers that break off are
well again after one or two, and one that prints and then breaks off each time must not print its roll full."""

REST_SECONDS_MAX = 3_600.0
"""The longest wait between such tries. Doubled each time, they are some ten copies, 2 m of paper, in the first hour."""

HURRIED_REST_SECONDS = 60.0
"""The longest wait when somebody asks for paper there, who may have mended it. Not none: a till that prints each of its
sales asks all the time."""


class Rest:
    """How long a printer is let be that breaks off after it may have printed: each try may cost paper."""

    def __init__(self, clock: Clock, retry_seconds: float) -> None:
        self._clock = clock
        self._backoff = Backoff(retry_seconds, max(retry_seconds, REST_SECONDS_MAX))
        self._doubts = 0
        self._began = clock.monotonic()
        self._seconds = 0.0

    @property
    def over(self) -> bool:
        """Tell whether the printer may be tried."""
        return self._clock.monotonic() >= self._began + self._seconds

    def begin(self, doubts: int) -> None:
        """Let the printer be after one more try that may have printed; `doubts` are those of its job before."""
        self._doubts = max(self._doubts, doubts) + 1
        self._began = self._clock.monotonic()
        over = self._doubts - QUICK_TRIES
        self._seconds = self._backoff.delay(over + 2, 1.0) if over >= 0 else 0.0

    def shorten(self) -> None:
        """Wait no longer than HURRIED_REST_SECONDS from the last try."""
        self._seconds = min(self._seconds, HURRIED_REST_SECONDS)

    def end(self) -> None:
        """Begin anew: the printer is well."""
        self._doubts, self._seconds = 0, 0.0


class PrintChore:
    """Prints the oldest first, and stops at the first that the printer does not take: it is tried again the next time.

    `condition` is where the printer's trouble is told to others; `tell` hears of it when it changes.
    """

    def __init__(self, printer: Printer, prints: Prints, condition: Condition, tell: Tell, rest: Rest) -> None:
        self._printer = printer
        self._delivery = Delivery(printer)
        self._prints = prints
        self._condition = condition
        self._tell = tell
        self._rest = rest

    def hurry(self) -> None:
        """Hear that somebody waits for paper."""
        self._rest.shorten()

    async def run_once(self) -> None:
        """Print until nothing waits or the printer is in trouble. Raises Busy or StorageFailure."""
        going = self._rest.over
        while going and (job := await self._prints.oldest(self._printer.name)) is not None:
            going = await self._print(job)

    async def _print(self, job: Due) -> bool:
        """Print a job; tells whether the next one may be printed."""
        try:
            await self._hand_over(job)
        except PrinterTrouble as trouble:
            self._note_trouble(str(trouble))
            if trouble.sent:
                self._rest.begin(job.doubts)
            await self._prints.fail(job, str(trouble), doubtful=trouble.sent, told=trouble.told)
            return False
        finally:
            self._prints.let_go(job)
        return True

    async def _hand_over(self, job: Due) -> None:
        """Hand a job to the printer, unless it was given up meanwhile. Raises PrinterTrouble."""
        async with self._delivery.reach(tells_status=job.tells_status) as reached:
            if not await self._prints.begin(job):
                return
            await reached.print(SECOND_COPY + job.content if job.doubts else job.content)
        self._rest.end()
        self._note_well()
        await self._prints.printed(job, told=reached.told)

    def _note_trouble(self, words: str) -> None:
        if words != self._condition.trouble:
            self._condition.trouble = words
            self._tell(Event("printer.trouble", f"{words} Sales are not affected.", {"printer": self._printer.name}))

    def _note_well(self) -> None:
        if self._condition.trouble:
            self._condition.trouble = ""
            words = f"The printer {self._printer.name} prints again."
            self._tell(Event("printer.well", words, {"printer": self._printer.name}))
