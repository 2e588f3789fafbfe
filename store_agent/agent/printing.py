"""Makes the printers out of the configuration, and what prints."""

from collections.abc import Callable
from dataclasses import replace

from store_agent.agent.basis import Basis
from store_agent.agent.schedule import Job
from store_agent.api.seams import Space
from store_agent.api.spool import Spool
from store_agent.config import printers
from store_agent.config.settings import Receipts, Settings
from store_agent.domain.prints import Condition
from store_agent.printing.forms import Look
from store_agent.printing.printer import DeviceWay, FileWay, NetworkWay, Printer, Way
from store_agent.printing.qr import Drawing
from store_agent.storage.prints import Prints
from store_agent.upkeep.printing import PrintChore, Rest
from store_agent.upkeep.stale_prints import StalePrintsChore

STALE_SECONDS = 60.0
"""How often it is looked whether something has waited too long for its printer."""


def make_look(receipts: Receipts) -> Look:
    """Make how receipts look."""
    return Look(receipts.caption, Drawing(receipts.qr_scale, receipts.error_correction, receipts.quiet_zone))


def make_printers(settings: Settings) -> dict[str, Printer]:
    """Make the printers, by name."""
    look = make_look(settings.receipts)
    return {name: _make_printer(name, printer, look) for name, printer in settings.printers.items()}


def _make_printer(name: str, printer: printers.Printer, look: Look) -> Printer:
    paper = replace(
        look.paper(printer.width_mm, native_qr=printer.native_qr), code_page=printer.code_page, cut=printer.cut
    )
    return Printer(name, _way(printer), paper, printer.timeout_seconds, printer.terminals)


def _way(printer: printers.Printer) -> Way:
    """Give the way to a printer; the configuration has seen to it that there is one."""
    if printer.host is not None:
        return NetworkWay(printer.host, printer.port)
    assert printer.path is not None  # noqa: S101 - validated
    if printer.kind == "file":
        return FileWay(printer.path)
    return DeviceWay(printer.path, printer.baud, printer.flow_control)


class Printing:
    """The printers with their queue; `jobs` are the chores that print, and the one that clears up."""

    def __init__(self, basis: Basis) -> None:
        settings, clock, tell = basis.settings, basis.clock, basis.tell
        printing = settings.printing
        self._clock = clock
        self._tell = tell
        self._printers = make_printers(settings)
        self._conditions = {name: Condition() for name in self._printers}
        self._prints = Prints(basis.database, clock, printing.keep_jobs_max)
        keep = printing.keep_hours * 3_600.0
        stale = StalePrintsChore(self._prints, clock, keep, tell)
        self._chores = {
            name: PrintChore(printer, self._prints, self._conditions[name], tell, Rest(clock, printing.retry_seconds))
            for name, printer in self._printers.items()
        }
        self.jobs = [
            Job("prints", stale, min(STALE_SECONDS, keep)),
            *(Job(_chore(name), chore, printing.retry_seconds) for name, chore in self._chores.items()),
        ]

    def spool(self, space: Space, hurry: Callable[[str], None]) -> Spool:
        """Make what the local API prints with; `hurry` has a chore done at once."""

        def hurry_printer(name: str) -> None:
            self._chores[name].hurry()
            hurry(_chore(name))

        return Spool(
            self._printers,
            self._conditions,
            self._prints,
            space,
            hurry=hurry_printer,
            clock=self._clock,
            tell=self._tell,
        )


def _chore(printer: str) -> str:
    return f"print.{printer}"
