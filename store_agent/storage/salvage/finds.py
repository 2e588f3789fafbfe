"""Where the rows of a set-aside database stand: an index on disk, so that its size does not matter (G11).

Which table a page belongs to is told by the pointer map and the schema; where those are damaged, by the shape of its
rows. A row is `certain` if its page belongs to a tree now and is what was written last; everything else is an older
copy that may have been changed or deleted since.
"""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from store_agent.storage.connection import connect_bare
from store_agent.storage.key import new_key
from store_agent.storage.queries import load
from store_agent.storage.salvage.pages import Image, Version
from store_agent.storage.salvage.records import (
    INNER_INDEX,
    KINDS,
    LEAF_INDEX,
    LEAF_TABLE,
    Record,
    Value,
    cells,
    read_cell,
)
from store_agent.storage.salvage.shapes import INDEXES, SEQUENCES, Shape

_SQL = load("salvage")

_CHUNK = 1_000
_FAMILY = dict.fromkeys(("payload", *(index.name for index in INDEXES)), "revision")
"""Whose rows share their keys, and are read together."""

_SCHEMA_COLUMNS = 5


class Copy(NamedTuple):
    """A copy of a row, by column."""

    certain: bool
    row: dict[str, Value]


class _Find(NamedTuple):
    family: str
    key: Value
    noun: str
    certain: bool
    place: int
    position: int


class Finds:
    """All rows of an image, of the tables in `shapes`; the index is made at `path`. Raises sqlite.Error, OSError."""

    def __init__(self, image: Image, shapes: dict[str, Shape], path: Path) -> None:
        self._image = image
        self._shapes = shapes | {shape.name: shape for shape in (*INDEXES, SEQUENCES)}
        self._index = connect_bare(path, new_key() if image.encrypted else "")  # it goes when the salvage ends
        self._index.execute("PRAGMA journal_mode = OFF").fetchall()
        self._index.execute("PRAGMA synchronous = OFF")
        self._index.execute(_SQL["make_finds"])

    def close(self) -> None:
        """Let go of the index."""
        self._index.close()

    def scan(self) -> None:
        """Look through all pages."""
        names = self._roots()
        self._index.execute("BEGIN")
        chunk: list[_Find] = []
        for version in self._image.versions():
            chunk += self._finds(version, names)
            if len(chunk) >= _CHUNK:
                self._index.executemany(_SQL["add_find"], chunk)
                chunk = []
        self._index.executemany(_SQL["add_find"], chunk)
        self._index.execute("COMMIT")

    def rows(self, noun: str) -> Iterator[Copy]:
        """Give the rows of a table by key, of each the certain copies first."""
        for _, copies in self.together(noun):
            yield from copies[noun]

    def together(self, *nouns: str) -> Iterator[tuple[Any, dict[str, list[Copy]]]]:
        """Give the rows of tables that share their keys, by key; of each the certain copies first."""
        found = self._index.execute(_SQL["finds_of"], (_FAMILY.get(nouns[0], nouns[0]),))
        for key, same in groupby(found, lambda find: find[0]):
            copies: dict[str, list[Copy]] = {noun: [] for noun in nouns}
            for _, noun, certain, place, position in same:
                copies[noun].append(self._copy(noun, certain, place, position))
            yield key, copies

    def count_certain(self, noun: str) -> int:
        """Count the keys that a table and those that share its keys have for certain."""
        found: int = self._index.execute(_SQL["count_certain"], (_FAMILY.get(noun, noun),)).fetchone()[0]
        return found

    def _copy(self, noun: str, certain: int, place: int, position: int) -> Copy:
        shape = self._shapes[noun]
        record = self._read(self._image.load(place), position, has_rowid=shape.has_rowid)
        assert record is not None  # noqa: S101 - it was read before, from a file that nobody writes
        return Copy(bool(certain), shape.row(record.rowid, record.values))

    def _read(self, page: bytes, position: int, *, has_rowid: bool) -> Record | None:
        return read_cell(page, position, self._image.page, has_rowid=has_rowid)

    def _roots(self) -> dict[int, str]:
        """Read from what is left of the schema which tree is whose."""
        roots: dict[int, str] = {}
        for number in range(1, self._image.pages + 1):
            if self._image.root_of(number) == 1:
                page = self._image.page(number)
                for position in cells(page, number, LEAF_TABLE):
                    record = self._read(page, position, has_rowid=True)
                    if record and len(record.values) == _SCHEMA_COLUMNS:
                        _, name, _, root, _ = record.values
                        if isinstance(root, int) and root > 0:
                            roots[root] = str(name)
        return roots

    def _finds(self, version: Version, names: dict[int, str]) -> Iterator[_Find]:
        root = self._image.root_of(version.number)
        name = names.get(root or 0, "")
        expected = self._shapes.get(name)
        page = self._image.load(version.place)
        kind = page[0]
        if kind not in KINDS and expected is not None:
            kind = LEAF_TABLE if expected.has_rowid else LEAF_INDEX
        has_rowid = kind == LEAF_TABLE
        if kind not in (LEAF_TABLE, LEAF_INDEX, INNER_INDEX) or root == 1 or (name and not expected):
            return
        if expected is not None and expected.has_rowid != has_rowid:
            expected, root = None, None  # what stands here is not what belongs here
        for position in cells(page, version.number, kind):
            record = self._read(page, position, has_rowid=has_rowid)
            shape = record and self._shape(record, expected, has_rowid=has_rowid)
            if record and shape:
                certain = version.current and root is not None
                family = _FAMILY.get(shape.name, shape.name)
                yield _Find(family, _key(record, shape), shape.name, certain, version.place, position)

    def _shape(self, record: Record, expected: Shape | None, *, has_rowid: bool) -> Shape | None:
        if expected is not None and expected.fits(record.values):
            return None if expected in INDEXES and record.values[-1] != record.values[-2] else expected
        alike = [shape for shape in self._shapes.values() if shape.has_rowid == has_rowid and shape.fits(record.values)]
        return alike[0] if expected is None and len(alike) == 1 else None


def _key(record: Record, shape: Shape) -> Value:
    """Give what the copies of a row share: its rowid, or the sequence that an index leads to, or its first value."""
    if shape.has_rowid:
        return record.rowid
    return record.values[-1] if shape in INDEXES else record.values[0]
