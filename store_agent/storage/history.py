"""The versions of what a file holds, and what each of them changed (DESIGN, section 5).

A version is known by its digest. Changes of the last versions are kept as far as there is room; counts always are.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, NamedTuple, TypeVar

from store_agent.domain.content import Entry, content
from store_agent.domain.difference import Change, Kind
from store_agent.storage import sqlite
from store_agent.storage.portions import insert_all
from store_agent.storage.queries import load

T = TypeVar("T")

_SQL = load("history")
SCHEMA = (_SQL["schema_version"], _SQL["schema_change"])

VERSIONS_MAX = 20
"""Versions kept, the present one among them."""

CHANGES_BYTES_MAX = 32 * 2**20
"""Text of all changes kept: some 100,000 items, so that catalogs that have nothing in common do not fill the disk."""

_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Version:
    """One state of what a file holds, numbered from 1.

    `since` and `as_of` are milliseconds since 1970: when it first came, and when it last came. `source` says in words
    from where. `counts` tell how many there are of what. Of what it changed, `listed` changes can be looked at.
    """

    number: int
    digest: bytes
    since: int
    as_of: int
    source: str
    counts: Mapping[str, int]
    added: int = 0
    removed: int = 0
    changed: int = 0
    listed: int = 0


class Answer(NamedTuple, Generic[T]):
    """What was asked for, and the version that it is from; None if there is none yet."""

    value: T
    version: Version | None

    @property
    def as_of(self) -> int | None:
        """Tell when what this is from was last known to be so, in milliseconds since 1970."""
        return None if self.version is None else self.version.as_of


@dataclass(frozen=True, slots=True)
class Noted:
    """One change as it is kept, numbered within its version from 1; `entry` is `category`, `item` or `employee`.

    `before` and `after` have the fields that say something; of what was only changed, those that differ.
    """

    number: int
    entry: str
    kind: Kind
    key: str
    fields: tuple[str, ...]
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class Replaced(NamedTuple):
    """What a replacement came to: the version there is now, and whether that is another than before."""

    version: Version
    changed: bool


_Row = tuple[int, int, str, str, str, str, str | None, str | None]


def current(raw: sqlite.Connection) -> Version | None:
    """Give the version of what the file holds."""
    return next(iter(versions(1, raw)), None)


def versions(limit: int, raw: sqlite.Connection) -> list[Version]:
    """Give the newest versions first."""
    return [_version(row)[0] for row in raw.execute(_SQL["versions"], (limit,))]


def changes(version: int, after: int, limit: int, raw: sqlite.Connection) -> list[Noted]:
    """Give a page of what a version changed."""
    asked = {"version": version, "after": after, "limit": limit}
    return [
        Noted(number, entry, Kind(kind), key, tuple(json.loads(fields)), _read(before), _read(later))
        for number, entry, kind, key, fields, before, later in raw.execute(_SQL["changes"], asked)
    ]


def confirm(raw: sqlite.Connection, as_of: int, source: str) -> None:
    """Note that the same came again."""
    raw.execute(_SQL["confirm"], (as_of, source))


def begin(raw: sqlite.Connection, version: Version, added: int) -> None:
    """Note a version before which there was none; what came with it is not listed."""
    _add(raw, replace(version, added=added), 0)


def record(raw: sqlite.Connection, version: Version, changed: Iterable[tuple[str, Change[Any]]]) -> int:
    """Note a version with what it changed: the kind of entry, and the change. Gives the bytes that this took."""
    listing = _Listing()
    insert_all(raw, _SQL["add_change"], listing.rows(version.number, changed))
    counts = listing.counts
    noted = replace(version, added=counts[Kind.ADDED], removed=counts[Kind.REMOVED], changed=counts[Kind.CHANGED])
    _add(raw, replace(noted, listed=listing.listed), listing.size)
    return listing.size


def carry_over(old: sqlite.Connection, raw: sqlite.Connection, used: int) -> None:
    """Take over the versions of the file before, and their changes as far as there is room beside what is `used`."""
    for row in old.execute(_SQL["versions"], (VERSIONS_MAX - 1,)).fetchall():
        version, size = _version(row)
        used += size
        if used <= CHANGES_BYTES_MAX:
            _add(raw, version, size)
            insert_all(raw, _SQL["add_change"], old.execute(_SQL["copy_changes"], (version.number,)))
        else:
            _add(raw, replace(version, listed=0), 0)


class _Listing:
    """Counts changes while they are listed, and lists them as long as there is room."""

    def __init__(self) -> None:
        self.counts: Counter[Kind] = Counter()
        self.listed = 0
        self.size = 0

    def rows(self, version: int, changed: Iterable[tuple[str, Change[Any]]]) -> Iterator[_Row]:
        full = False
        for number, (entry, change) in enumerate(changed, 1):
            self.counts[change.kind] += 1
            if not full:
                row = _row(version, number, entry, change)
                size = sum(len(cell) for cell in row if isinstance(cell, str))
                full = self.size + size > CHANGES_BYTES_MAX
                if not full:
                    self.listed, self.size = number, self.size + size
                    yield row


def _add(raw: sqlite.Connection, version: Version, size: int) -> None:
    told = (version.number, version.digest, version.since, version.as_of, version.source, _as_json(version.counts))
    raw.execute(_SQL["add_version"], (*told, version.added, version.removed, version.changed, version.listed, size))


def _version(row: tuple[Any, ...]) -> tuple[Version, int]:
    number, digest, since, as_of, source, counts, *changed, size = row
    return Version(number, digest, since, as_of, source, json.loads(counts), *changed), size


def _row(version: int, number: int, entry: str, change: Change[Any]) -> _Row:
    only = change.fields if change.kind is Kind.CHANGED else None
    sides = [_side(side, only) for side in (change.before, change.after)]
    return version, number, entry, change.kind.value, change.key, _as_json(change.fields), sides[0], sides[1]


def _side(entry: Entry | None, only: Iterable[str] | None) -> str | None:
    if entry is None:
        return None
    told = content(entry)
    return _as_json(told if only is None else {name: told[name] for name in only if name in told})


def _read(side: str | None) -> dict[str, Any] | None:
    return None if side is None else json.loads(side)
