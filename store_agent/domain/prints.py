"""Print jobs and printers, and what a cashier is told of them."""

from dataclasses import dataclass
from enum import StrEnum

from store_agent.domain.summary import count


class PrintState(StrEnum):
    """A job waits until it is printed, or given up: by a person, or because its guest has left."""

    WAITING = "waiting"
    PRINTED = "printed"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class PrintJob:
    """What is to be printed, where, and what became of it. Times are milliseconds since 1970, labels only.

    `error` is why the last try did not print, or why the job was given up.
    """

    number: int
    printer: str
    about: str
    state: PrintState
    attempts: int
    error: str | None
    created_at: int
    settled_at: int | None


@dataclass(slots=True)
class Condition:
    """How a printer was at the last try of this run: `trouble` is empty if it printed."""

    trouble: str = ""


def job_words(job: PrintJob, trouble: str, settled: str) -> str:
    """Tell a cashier what became of a job.

    `trouble` is that of its printer, empty if there is none; `settled` is when the job was, empty if it waits.
    """
    subject = f"{job.about[:1].upper()}{job.about[1:]}"
    if job.state is PrintState.PRINTED:
        return f"{subject} was printed by {job.printer} at {settled}."
    if job.state is PrintState.GIVEN_UP:
        return f"{subject} was not printed and is given up. {job.error or ''}".rstrip()
    if trouble:
        return f"{subject} is not printed yet; it is tried again. {trouble}"
    return f"{subject} waits for the printer {job.printer}."


def printer_words(name: str, waiting: int, trouble: str) -> str:
    """Tell a manager of a printer that keeps somebody waiting; empty if there is nothing to tell."""
    if not (waiting and trouble):
        return ""
    return f"{count(waiting, 'receipt waits', 'receipts wait')} for the printer {name}. {trouble}"
