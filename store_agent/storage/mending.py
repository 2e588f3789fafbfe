"""From a suspicion to a database that can be used: what was noticed while the agent ran is known at the next start."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import structlog

from store_agent.clock import Clock
from store_agent.storage.key import Keys
from store_agent.storage.salvage.course import resume, salvage, unfinished

_SUSPICION = "store-agent.suspect"
"""The file that says why the database must be salvaged at the next start."""

_log = structlog.get_logger("storage")


def suspect(directory: Path, why: str) -> None:
    """Note that the database in a directory is damaged, for the next start."""
    with contextlib.suppress(OSError):  # what is damaged will be noticed again
        (directory / _SUSPICION).write_text(why, encoding="utf-8")


def suspicion(directory: Path) -> str:
    """Return why the database must be salvaged; empty if it need not."""
    try:
        return (directory / _SUSPICION).read_text(encoding="utf-8", errors="replace") or "it was noticed while running"
    except OSError:
        return ""


def finish_mending(path: Path, keys: Keys, tell: Callable[[str], None]) -> None:
    """Finish a salvage that was cut short, and `tell` of it before. Raises DiskFull, OSError."""
    if unfinished(path.parent) is not None:
        tell("It was cut short before and goes on.")
    report = resume(path, keys)
    if report is not None:
        _done(path, report.words)


def mend(path: Path, why: str, clock: Clock, keys: Keys) -> None:
    """Set the database at `path` aside and put a fresh one with everything readable in its place.

    The caller holds the lock of the directory, has no connection open, and is on a thread of its own. Raises DiskFull
    where there is no room, OSError.
    """
    words = f"The database is damaged; it is set aside, and everything readable is taken over into a fresh one. {why}"
    _log.error("storage.salvage", words=words, reason=why)
    _done(path, salvage(path, why, clock, keys).words)


def mend_at_rest(path: Path, clock: Clock, keys: Keys) -> str:
    """Do at once what the next start would: finish a salvage, or begin one if there is a suspicion.

    Gives the words of its report; empty if there was nothing to do. Nothing is suspected afterwards. For while the
    agent is stopped; the caller holds the lock of the directory. Raises StorageFailure, of which DiskFull, or OSError.
    """
    report = resume(path, keys)
    if report is None and path.exists() and (why := suspicion(path.parent)):
        report = salvage(path, why, clock, keys)
    (path.parent / _SUSPICION).unlink(missing_ok=True)
    return "" if report is None else report.words


def _done(path: Path, words: str) -> None:
    (path.parent / _SUSPICION).unlink(missing_ok=True)
    _log.error("storage.salvaged", words=words)
