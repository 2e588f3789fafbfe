"""How printers, and what waits for them, read."""

from collections.abc import Sequence
from typing import Any

from store_agent.tui.words import clock_time, count, moment, plain

Json = dict[str, Any]

NONE = (
    "No printer is set up, so the POS prints the receipts. Whoever looks after this machine can name one in the "
    "configuration: [printers.NAME]."
)


def printer_row(printer: Json, now: float) -> tuple[str, ...]:
    """Give the cells of a printer: its name, what waits, when it printed last, how it is."""
    printed = moment(printer["last_printed_at"], now)
    return printer["name"], f"{printer['waiting']:,}", printed, printer["trouble"] or "✓ no trouble"


def printer_words(printer: Json) -> str:
    """Tell where a printer is, whose receipts come out there, and what is wrong with it."""
    lanes = printer["terminals"]
    if lanes is None:
        whose = "the receipts of all lanes that have no printer of their own"
    else:
        whose = f"the receipts of {', '.join(lanes)}" if lanes else "only what names it"
    trouble = f" ! {printer['trouble']}" if printer["trouble"] else ""
    return plain(f"{printer['name']} ({printer['kind']}, {printer['where']}) prints {whose}.{trouble}")


def note(printers: Sequence[Json]) -> str:
    """Tell how they are, all in all."""
    if not printers:
        return NONE
    waiting = sum(printer["waiting"] for printer in printers)
    if not waiting:
        return f"✓ Nothing waits for {'the printer' if len(printers) == 1 else 'a printer'}."
    return f"! {count(waiting, 'receipt waits', 'receipts wait')} for a printer; each is tried again by itself."


def job_row(job: Json, now: float) -> tuple[str, ...]:
    """Give the cells of what waits: its number, the printer, since when, tries, what it is."""
    about = f"{job['about']}. {job['error']}" if job["error"] else job["about"]
    return str(job["job"]), job["printer"], clock_time(job["created_at"], now), str(job["attempts"]), about


def printer_for(printers: Sequence[Json], terminal: str | None) -> str | None:
    """Choose the printer of a terminal: its own, that of all others, or else any."""
    own = [one["name"] for one in printers if terminal in (one["terminals"] or ())]
    others = [one["name"] for one in printers if one["terminals"] is None]
    return next(iter([*own, *others, *(one["name"] for one in printers)]), None)
