"""The next edition of a file that is only ever replaced as a whole: built beside it, then put in its place.

Constraints first: whoever reads sees the old or the new, never a mix, and so does the next start after a crash at any
moment. So a file in use is never written. The next one is built under another name, checked, written through to the
disk, and renamed; what a crash leaves under the other name is deleted by the next start.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from store_agent.domain.difference import Change
from store_agent.errors import Damaged, DiskFull
from store_agent.storage import sqlite
from store_agent.storage.connection import connect_builder, connect_finished
from store_agent.storage.durable import write_through
from store_agent.storage.history import Replaced, Version, begin, carry_over, confirm, current, record
from store_agent.storage.queries import load

_SQL = load("edition")


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is made: its schema with its number (`user_version`), and the query that counts what it holds."""

    number: int
    schema: tuple[str, ...]
    holds: str


@dataclass(frozen=True, slots=True)
class Edition:
    """What the next file is to hold.

    `holds` are the entries of each kind, as the query of the layout counts them. `changes` compares with the file
    before and gives each change with its kind of entry; `write` puts the entries in.
    """

    digest: bytes
    counts: Mapping[str, int]
    holds: tuple[int, ...]
    changes: Callable[[sqlite.Connection], Iterator[tuple[str, Change[Any]]]]
    write: Callable[[sqlite.Connection], None]


class Told(NamedTuple):
    """When an edition came, in milliseconds since 1970, and from where, in words."""

    at: int
    source: str


def beside(path: Path) -> Path:
    """Give where the next edition of a file is built."""
    return path.with_name(f"{path.name}.new")


def publish(path: Path, layout: Layout, prepare: Callable[[], Edition], told: Told) -> Replaced:
    """Replace a file by its next edition; the same content again is only confirmed.

    Raises what `prepare` and its edition raise, sqlite.Error, OSError or Damaged; the file is as it was then, unless it
    was the last sync that failed. A file before that cannot be read counts as none.
    """
    new = beside(path)
    try:
        _make_empty(new)  # before anything else, since it is what is written through meanwhile
        made = _follow(path, new, layout, prepare(), told)
        write_through(new)
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    write_through(path.parent)
    return made


def _follow(path: Path, new: Path, layout: Layout, edition: Edition, told: Told) -> Replaced:
    before = None
    try:
        with _opened(path) as old:
            before = None if old is None else current(old)
            if before is not None and before.digest == edition.digest:
                return Replaced(_confirm(path, new, layout, edition, told), changed=False)
            return Replaced(_build(new, layout, edition, told, (old, before)), changed=True)
    except (sqlite.Error, ValueError, Damaged) as error:
        if not path.exists() or isinstance(sqlite.failure(error, "reading"), DiskFull):
            raise
    _make_empty(new)
    return Replaced(_build(new, layout, edition, told, (None, before)), changed=True)


def _confirm(path: Path, new: Path, layout: Layout, edition: Edition, told: Told) -> Version:
    shutil.copyfile(path, new)
    with closing(connect_builder(new)) as raw:
        confirm(raw, *told)
    return _checked(new, layout, edition)


def _build(
    new: Path, layout: Layout, edition: Edition, told: Told, before: tuple[sqlite.Connection | None, Version | None]
) -> Version:
    old, last = before
    version = Version(last.number + 1 if last else 1, edition.digest, told.at, told.at, told.source, edition.counts)
    with closing(connect_builder(new)) as raw:
        raw.execute("BEGIN")
        for statement in layout.schema:
            raw.execute(statement)
        if old is None:
            begin(raw, version, sum(edition.holds))
        else:
            carry_over(old, raw, record(raw, version, edition.changes(old)))
        edition.write(raw)
        raw.execute(f"PRAGMA user_version = {layout.number}")
        raw.execute("COMMIT")
    return _checked(new, layout, edition)


def _checked(new: Path, layout: Layout, edition: Edition) -> Version:
    """Look through what was built. Raises Damaged if it is not what it should be."""
    with closing(connect_finished(new)) as raw:
        found = {raw.execute(check).fetchone()[0] for (check,) in raw.execute(_SQL["checks"]).fetchall()}
        version = current(raw)
        if found != {"ok"} or raw.execute(layout.holds).fetchone() != edition.holds or version is None:
            raise Damaged(f"What was written to {new} is not what is there ({found}); the disk may be failing.")
        return version


@contextmanager
def _opened(path: Path) -> Iterator[sqlite.Connection | None]:
    if not path.exists():
        yield None
        return
    with closing(connect_finished(path)) as raw:
        yield raw


def _make_empty(new: Path) -> None:
    new.unlink(missing_ok=True)
    os.close(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
