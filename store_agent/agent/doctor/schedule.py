"""Whether backups are made as configured."""

from collections.abc import Iterator

from store_agent.agent.doctor.finding import Finding, not_checked, ok, warning
from store_agent.agent.doctor.subject import Subject
from store_agent.agent.store import make_backups
from store_agent.clock import SystemClock
from store_agent.domain.summary import count, duration
from store_agent.storage.database import FILE_NAME

LATE_FACTOR = 2.0
"""A backup that is older than two turns was missed; a machine may be off for one."""

_NAME = "backup"


def check(subject: Subject) -> Iterator[Finding]:
    """Look at the newest backup."""
    settings = subject.settings
    if not (settings.storage.directory / FILE_NAME).exists():
        yield not_checked(_NAME, "There is no database yet.")
        return
    backups = make_backups(settings).listed()
    meaning = "Sales go on; if the disk breaks, there is no recent copy of what waits."
    cure = "See that the agent runs and that backup.directory can be written, or run: store-agent backup"
    if not backups:
        yield warning(_NAME, "There is no backup yet.", meaning, cure)
        return
    age = max(0.0, SystemClock().wall() - backups[-1].stat().st_mtime)
    words = f"{count(len(backups), 'backup', 'backups')}, the newest {duration(age)} old."
    late = age > LATE_FACTOR * settings.backup.every_hours * 3_600
    yield warning(_NAME, words, meaning, cure) if late else ok(_NAME, words)
