"""A disk that notes what SQLite and the product do to the files of one directory.

An apsw VFS sees the writes, syncs, truncations and deletions of the database; the product's own renames, deletions and
syncs (of migration snapshots) are seen by wrapping `os`. Contents belong to files, names to the directory, since each
becomes durable on its own: contents by a sync of the file, names by a sync of the directory.
"""

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import apsw
import pytest


class Write(NamedTuple):
    file: int
    offset: int
    data: bytes


class Truncate(NamedTuple):
    file: int
    size: int


class Sync(NamedTuple):
    """The contents of a file are durable."""

    file: int


class Names(NamedTuple):
    """Names of the directory that now stand for a file, or for none."""

    changes: dict[str, int | None]


class SyncNames(NamedTuple):
    """The names of the directory are durable."""


Op = Write | Truncate | Sync | Names | SyncNames

_JOURNALS = ("-wal", "-journal")
_vfs_numbers = itertools.count(1)


class Recording:
    """What happened in `directory`, in order. `start` is the first moment at which the power may be cut."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(mode=0o700, exist_ok=True)
        self.directory = directory
        self.ops: list[Op] = []
        self._files: dict[str, int] = {}
        self._unnamed: set[int] = set()
        self._numbers = itertools.count()
        for path in sorted(directory.iterdir()):
            self._keep(path)
        self.start = self.now

    @property
    def now(self) -> int:
        """The number of operations so far: a moment between two of them."""
        return len(self.ops)

    def opened(self, path: str) -> None:
        """A file is opened, and made if it is not there."""
        name = self._name(path)
        if name is not None and name not in self._files:
            self._files[name] = next(self._numbers)
            self.ops.append(Names({name: self._files[name]}))
            if name.endswith(_JOURNALS):
                self._unnamed.add(self._files[name])

    def wrote(self, path: str, offset: int, data: bytes) -> None:
        self._note(path, lambda file: Write(file, offset, data))

    def truncated(self, path: str, size: int) -> None:
        self._note(path, lambda file: Truncate(file, size))

    def synced(self, path: str) -> None:
        """A file is synced; SQLite syncs the directory too when a journal is synced for the first time."""
        if Path(path) == self.directory:
            self.ops.append(SyncNames())
            return
        file = self._files.get(self._name(path) or "")
        if file in self._unnamed:
            self._unnamed.remove(file)
            self.ops.append(SyncNames())
        self._note(path, Sync)

    def deleted(self, path: str, *, durably: bool = False) -> None:
        name = self._name(path)
        if self._files.pop(name or "", None) is not None:
            self.ops += [Names({str(name): None}), *([SyncNames()] if durably else [])]

    def renamed(self, source: str, target: str) -> None:
        old, new = self._name(source), self._name(target)
        if old in self._files and new is not None:
            self._files[new] = self._files.pop(old)
            self.ops.append(Names({old: None, new: self._files[new]}))

    def _note(self, path: str, make: Callable[[int], Op]) -> None:
        file = self._files.get(self._name(path) or "")
        if file is not None:
            self.ops.append(make(file))

    def _name(self, path: str) -> str | None:
        """The name of a file of the directory; None for others, and for the index of the log, which is memory."""
        inside = Path(path).parent == self.directory and not path.endswith("-shm")
        return Path(path).name if inside else None

    def _keep(self, path: Path) -> None:
        """Take over a file that is there before anything happens, as durable."""
        self.opened(str(path))
        self.wrote(str(path), 0, path.read_bytes())
        self.synced(str(path))
        self.synced(str(self.directory))


class RecordedFile(apsw.VFSFile):
    """A file of the database."""

    def __init__(self, recording: Recording, name: Any, flags: list[int]) -> None:
        self._recording = recording
        self._path = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        super().__init__("unix", name, flags)
        recording.opened(self._path)

    def xWrite(self, data: Any, offset: int) -> None:
        self._recording.wrote(self._path, offset, bytes(data))
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:
        self._recording.truncated(self._path, newsize)
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:
        super().xSync(flags)
        self._recording.synced(self._path)


class RecordedDisk(apsw.VFS):
    """The VFS through which SQLite reaches the recorded directory; `name` is for `apsw.Connection(vfs=...)`."""

    def __init__(self, recording: Recording) -> None:
        self.name = f"recorded-{next(_vfs_numbers)}"
        self._recording = recording
        super().__init__(self.name, "unix")

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:
        return RecordedFile(self._recording, name, flags) if name else apsw.VFSFile("unix", name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: FBT001 - apsw's signature
        super().xDelete(filename, syncdir)
        self._recording.deleted(filename, durably=syncdir)


@contextmanager
def recorded_calls(recording: Recording) -> Iterator[None]:
    """Note what the product does to files by itself."""

    def noting(name: str, note: Callable[..., None]) -> Callable[..., Any]:
        really = getattr(os, name)

        def call(*arguments: Any, **options: Any) -> Any:
            paths = [_path_of(argument) for argument in arguments]
            done = really(*arguments, **options)
            note(*paths)
            return done

        return call

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", noting("fsync", recording.synced))
        patch.setattr(os, "unlink", noting("unlink", recording.deleted))
        patch.setattr(os, "replace", noting("replace", recording.renamed))
        yield


def _path_of(argument: Any) -> str:
    if isinstance(argument, int):
        return str(Path(f"/proc/self/fd/{argument}").readlink())
    return str(argument)
