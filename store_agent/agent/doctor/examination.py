"""Runs all checks, one after the other, each within its time."""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from store_agent.agent.doctor import (
    clock,
    configuration,
    database,
    directory,
    disk,
    local,
    network,
    platform,
    printers,
    schedule,
    versions,
)
from store_agent.agent.doctor.finding import Finding, not_checked, problem
from store_agent.agent.doctor.subject import Subject, read_subject

QUICK_SECONDS = 5.0
"""For what only looks at this machine."""

DISK_SECONDS = 15.0
"""For the disk, which may be slow without being broken."""

LINE_SECONDS = 60.0
"""For what waits for the line: a name, a connection, a whole call with its own time-outs."""

DATABASE_SECONDS = 30.0
"""For a look into the file (`database.CHECK_SECONDS`), and opening it."""

Check = Callable[[Subject], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Step:
    """A check, the time it has, and the tables of the configuration that it needs."""

    name: str
    check: Check
    seconds: float
    needs: tuple[str, ...] = ()


STEPS = (
    Step("configuration", configuration.check, QUICK_SECONDS),
    Step("versions", versions.check, QUICK_SECONDS),
    Step("service", versions.check_service, QUICK_SECONDS),
    Step("directory", directory.check, QUICK_SECONDS, ("storage",)),
    Step("disk", disk.check, DISK_SECONDS, ("storage",)),
    Step("database", database.check, DATABASE_SECONDS, ("storage",)),
    Step("backup", schedule.check, QUICK_SECONDS, ("storage", "backup")),
    Step("agent", local.check, LINE_SECONDS, ("api", "storage")),
    Step("clock", clock.check, QUICK_SECONDS),
    Step("line", network.check, LINE_SECONDS, ("cloud",)),
    Step("clock.platform", clock.check_skew, LINE_SECONDS, ("cloud",)),
    Step("credentials", platform.check, LINE_SECONDS, ("store", "cloud", "drain")),
    Step("printers", printers.check, LINE_SECONDS, ("printers", "receipts")),
)


def examine(path: Path, steps: Iterable[Step] = STEPS) -> Iterator[Finding]:
    """Give the findings about the agent that is configured by the file at `path`, as they are made."""
    subject = read_subject(path)
    for step in steps:
        missing = [f"[{name}]" for name in step.needs if name in subject.broken]
        if missing:
            yield not_checked(step.name, f"The configuration of {' and '.join(missing)} cannot be used.")
        else:
            yield from _within_time(step, subject)


def _within_time(step: Step, subject: Subject) -> list[Finding]:
    done: queue.SimpleQueue[list[Finding]] = queue.SimpleQueue()
    work = partial(_run, step, subject, done)
    # A daemon: a look-up of a name or a dead disk cannot be cut short, and must not keep the process from ending.
    threading.Thread(target=work, name=f"doctor-{step.name}", daemon=True).start()
    try:
        return done.get(timeout=step.seconds)
    except queue.Empty:
        words = f"This check did not end within {step.seconds:g} seconds."
        return [problem(step.name, words, "What it looks at hangs; sales may wait for it, too.", _LOOK)]


_LOOK = "Look at the machine's log (journalctl -b), and restart the machine if its disk hangs."


def _run(step: Step, subject: Subject, done: "queue.SimpleQueue[list[Finding]]") -> None:
    findings: list[Finding] = []
    try:
        findings.extend(step.check(subject))
    except Exception as error:  # noqa: BLE001 - whatever a broken machine makes of a check, the next one is made
        findings.append(not_checked(step.name, f"This check failed by itself ({type(error).__name__})."))
    done.put(findings)
