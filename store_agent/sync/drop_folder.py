"""The watched drop folder: a file that is put there is imported and moved away, with a report beside it.

What makes it safe: a file is taken only when it is the same at two looks, so none that is still being copied; files
are opened without following links; the report is written before the file is moved, and both after the import, so that
a crash at any point means at worst that the same is imported once more, which changes nothing.
"""

import asyncio
import contextlib
import os
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import NamedTuple

import structlog

from store_agent.clock import Clock
from store_agent.domain.events import Event, Tell
from store_agent.domain.uploads import Kind, Pushed
from store_agent.errors import AgentError, BadInput, CannotCreate, StorageFailure
from store_agent.storage.history import Replaced
from store_agent.sync.imports import UPLOAD_WORDS, Imports, kind_of

DONE, FAILED = "done", "failed"
REPORT = ".report.txt"

NAME_BYTES_MAX = 200
"""Of a longer name the end is kept: with time and `.report.txt` it must stay below the 255 of file systems."""

_NOUNS = {Kind.CATALOG: "catalog", Kind.EMPLOYEES: "list of employees"}

_log = structlog.get_logger("sync")


class Mark(NamedTuple):
    """By what a file is known to be the same as before; the time is in nanoseconds."""

    changed: int
    size: int
    inode: int


class Found(NamedTuple):
    """A file in the folder."""

    name: str
    mark: Mark

    @property
    def shown(self) -> str:
        """The name as it can be printed and stored: names may hold anything, also what is no text."""
        return "".join(one if one.isprintable() else "\ufffd" for one in self.name)


class DropFolder:
    """The directory, with `done` and `failed` in it. Its methods wait for the disk.

    `keep_out` are directories whose files are never to be taken, should somebody name one of them as the drop folder.
    """

    def __init__(self, directory: Path, bytes_max: int, keep_out: tuple[Path, ...]) -> None:
        self._directory = directory
        self._bytes_max = bytes_max
        self._keep_out = keep_out
        self._seen: dict[str, Mark] = {}

    def settled(self) -> list[Found]:
        """Give the files that are as they were at the last look, the oldest first, so that the newest prevails.

        Raises CannotCreate in words if the folder cannot be used.
        """
        try:
            self._check()
            with os.scandir(self._directory) as entries:
                there = {entry.name: mark for entry in entries if (mark := _visible(entry)) is not None}
        except OSError as error:
            raise self._unusable(error.strerror or str(error)) from error
        before, self._seen = self._seen, there
        same = [Found(name, mark) for name, mark in there.items() if before.get(name) == mark]
        return sorted(same, key=lambda found: (found.mark, found.name))

    def read(self, found: Found) -> bytes | None:
        """Read a file; None if it is not, or no longer, what was found. Raises BadInput for its size, StorageFailure.

        No more is read than the size that was found, so no more than is allowed.
        """
        if found.mark.size > self._bytes_max:
            words = f"The file has {found.mark.size:,} bytes, more than catalog.body_bytes_max ({self._bytes_max:,})."
            raise BadInput("too_large", words)
        try:
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK  # a pipe must not hold up the look
            with open(os.open(self._directory / found.name, flags), "rb") as file:  # noqa: PTH123 - a descriptor
                content = file.read(found.mark.size) if _mark(os.fstat(file.fileno())) == found.mark else None
                return content if _mark(os.fstat(file.fileno())) == found.mark else None
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StorageFailure(f"It cannot be read ({error.strerror}). Let the agent's user read it.") from error

    def put_away(self, found: Found, below: str, report: str, now: datetime) -> Path | None:
        """Move a file to `below` under a name of its own, with the report beside it; gives where it is then.

        None if another file has taken its place meanwhile: that one stays. Raises StorageFailure; it stays then.
        """
        try:
            target, beside = self._write_report(found, below, report, now)
            moved = False
            try:
                if moved := _mark(os.lstat(self._directory / found.name)) == found.mark:
                    (self._directory / found.name).rename(target)
            except FileNotFoundError:
                moved = False
            finally:
                if not moved or not os.path.lexists(target):
                    beside.unlink()
        except OSError as error:
            raise StorageFailure(f"It cannot be moved to {below} ({error.strerror}).") from error
        return target if moved else None

    def _write_report(self, found: Found, below: str, report: str, now: datetime) -> tuple[Path, Path]:
        """Write a report under a name that nothing has yet; gives the paths for the file and of the report."""
        folder = self._directory / below
        name = found.shown.encode()[-NAME_BYTES_MAX:].decode(errors="ignore")
        stamp = f"{now:%Y-%m-%d_%H%M%S}"
        names = (f"{stamp}-{name}" if number == 1 else f"{stamp}-{number}-{name}" for number in count(1))
        pairs = ((folder / one, folder / f"{one}{REPORT}") for one in names)
        target, beside = next(pair for pair in pairs if not any(map(os.path.lexists, pair)))
        try:
            beside.write_text(report, encoding="utf-8")
        except OSError:
            with contextlib.suppress(OSError):
                beside.unlink()
            raise
        return target, beside

    def _check(self) -> None:
        """Raise OSError or CannotCreate unless files can be taken and moved."""
        if self._directory.resolve() in {path.resolve() for path in self._keep_out}:
            raise self._unusable("the agent keeps its own files there")
        for folder in (self._directory, self._directory / DONE, self._directory / FAILED):
            if folder != self._directory:
                if folder.is_symlink():
                    raise self._unusable(f"{folder.name} in it is a link, and must be a directory")
                folder.mkdir(exist_ok=True)
            if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
                raise self._unusable(f"the agent's user may not read and write {folder}")

    def _unusable(self, reason: str) -> CannotCreate:
        return CannotCreate(
            f"The drop folder {self._directory} cannot be used: {reason}. Files put there wait. Make it a directory of "
            "its own that the agent's user can read and write, or correct catalog.watch_directory."
        )


class DropFolderChore:
    """A chore: imports what was put into the folder."""

    def __init__(self, folder: DropFolder, imports: Imports, clock: Clock, tell: Tell) -> None:
        self._folder = folder
        self._imports = imports
        self._clock = clock
        self._tell = tell

    async def run_once(self) -> None:
        """Take every file that has settled. Raises CannotCreate, or StorageFailure for files that could not be taken.

        Those stay where they are and are tried again at the next look.
        """
        troubles = []
        for found in await asyncio.to_thread(self._folder.settled):
            try:
                await self._take(found)
            except AgentError as problem:
                troubles.append(f"{found.shown}: {problem}")
        if troubles:
            more = f" ({len(troubles) - 1:,} more files wait as well.)" if len(troubles) > 1 else ""
            raise StorageFailure(f"A file stays in the drop folder and is tried again. {troubles[0]}{more}")

    async def _take(self, found: Found) -> None:
        try:
            content = await asyncio.to_thread(self._folder.read, found)
            if content is None:
                return
            kind = kind_of(content)
            replaced, pushed = await self._imports.take(kind, content, f"dropped as {found.shown}")
        except BadInput as refusal:
            await self._refuse(found, refusal)
        except AgentError:
            raise
        except Exception as bug:  # noqa: BLE001 - a file that nobody foresaw must not be tried for ever
            words = f"It could not be imported because of a fault in store-agent ({type(bug).__name__}); see its log."
            _log.exception("drop.bug", words=f"{found.shown}: {words} Sales are not affected.", file=found.shown)
            await self._refuse(found, BadInput("bug", words))
        else:
            await self._accept(found, kind, replaced, pushed)

    async def _accept(self, found: Found, kind: Kind, replaced: Replaced, pushed: Pushed) -> None:
        now = self._now()
        words = _words(found, kind, replaced)
        report = f"{_when(now)}\n{words}\n{UPLOAD_WORDS[pushed]}\n"
        if await asyncio.to_thread(self._folder.put_away, found, DONE, report, now) is None:
            return
        details = {"file": found.shown, "call": kind.value, "version": replaced.version.number}
        self._tell(Event("import.done", words, {**details, "changed": replaced.changed, "upload": pushed.value}))

    async def _refuse(self, found: Found, refusal: BadInput) -> None:
        now = self._now()
        problems = "".join(f"  {field.path} {field.message}\n" for field in refusal.fields)
        words = f"{found.shown} was refused, and what was in use stays in use. {refusal.message}"
        report = f"{_when(now)}\n{words}\n{problems}Mend the file and put it into the folder again.\n"
        put = await asyncio.to_thread(self._folder.put_away, found, FAILED, report, now)
        if put is not None:
            told = f"{words} All that is wrong stands in {FAILED}/{put.name}{REPORT}. Sales are not affected."
            self._tell(Event("import.failed", told, {"file": found.shown, "code": refusal.code}))

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.wall()).astimezone()


def _visible(entry: "os.DirEntry[str]") -> Mark | None:
    """Give the mark of a file that may be taken: not hidden, no link, not gone meanwhile."""
    try:
        if entry.name.startswith(".") or not entry.is_file(follow_symlinks=False):
            return None
        return _mark(entry.stat(follow_symlinks=False))
    except FileNotFoundError:
        return None


def _mark(status: os.stat_result) -> Mark:
    return Mark(status.st_mtime_ns, status.st_size, status.st_ino)


def _when(now: datetime) -> str:
    return f"{now:%Y-%m-%d %H:%M:%S}"


def _words(found: Found, kind: Kind, replaced: Replaced) -> str:
    version = replaced.version
    counts = ", ".join(f"{number:,} {name}" for name, number in version.counts.items())
    if not replaced.changed:
        return f"{found.shown} was taken. It holds the {_NOUNS[kind]} that is in use already ({counts})."
    changes = f"{version.added:,} added, {version.removed:,} removed, {version.changed:,} changed"
    return f"{found.shown} was taken. Version {version.number} of the {_NOUNS[kind]} is in use: {counts} ({changes})."
