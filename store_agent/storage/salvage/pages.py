"""The pages of a database that was set aside: its file, overlaid by what its log committed, and the pointer map.

Nothing here needs the header, the schema or an interior page to be readable (sqlite.org/fileformat2).
"""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, Self

from store_agent.storage.salvage.wal import PAGE_BYTES, Frame, Wal, read_at, read_wal

CACHED_PAGES = 1_024
"""Pages kept in memory, 4 KiB each."""

_ROOT, _INNER = 1, 5
_DEPTH_MAX = 20
_MAPPED = PAGE_BYTES // 5


class Version(NamedTuple):
    """A page as it was at some time; `place` is for `Image.load`. `current` tells that it is the newest for certain."""

    number: int
    place: int
    current: bool


class Image:
    """A database file and its log, opened to be read only; use it as a context. Raises OSError."""

    def __init__(self, path: Path) -> None:
        """`path` is the database file; it and its log may be missing."""
        log = path.with_name(path.name + "-wal")
        self.wal: Wal = read_wal(log)
        self._stack = ExitStack()
        self._main = self._stack.enter_context(path.open("rb")) if path.exists() else None
        self._log = self._stack.enter_context(log.open("rb")) if self.wal.frames else None
        self._newest = {frame.number: place for place, frame in enumerate(self.wal.frames)}
        size = path.stat().st_size if self._main else 0
        self._whole, self._stored = size // PAGE_BYTES, -(-size // PAGE_BYTES)
        self.pages = self._stored if self.wal.pages is None else self.wal.pages
        self.load = lru_cache(CACHED_PAGES)(self._load)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def page(self, number: int) -> bytes:
        """Give the newest version of a page; zeros for one that is not there."""
        return self.load(self._place(number))

    def holds(self, pages: int) -> bool:
        """Tell whether all of so many pages are there, and whole."""
        return all(number in self._newest for number in range(self._whole + 1, pages + 1))

    def versions(self) -> Iterator[Version]:
        """Give every version of every page, all that can be older copies included."""
        for number in range(1, min(self.pages, self._stored) + 1):
            yield Version(number, number, number not in self._newest and not self.wal.blind)
        for place, frame in enumerate(self.wal.frames):
            if 0 < frame.number <= self.pages:
                newest = self._newest[frame.number] == place
                yield Version(frame.number, -1 - place, newest and frame.sound and not self.wal.blind)

    def root_of(self, number: int) -> int | None:
        """Climb the pointer map to the root of the tree that a page belongs to; None if it belongs to none."""
        for _ in range(_DEPTH_MAX):
            if number == 1:
                return 1
            if not 1 < number <= self.pages:
                return None
            kind, parent = self._pointer(number)
            if kind == _ROOT:
                return number
            if kind != _INNER:
                return None
            number = parent
        return None

    def _pointer(self, number: int) -> tuple[int, int]:
        map_page = (number - 2) // (_MAPPED + 1) * (_MAPPED + 1) + 2
        start = 5 * (number - map_page - 1)
        if start < 0:
            return 0, 0  # a page of the map itself
        page = self.page(map_page)
        return page[start], int.from_bytes(page[start + 1 : start + 5], "big")

    def _place(self, number: int) -> int:
        newest = self._newest.get(number)
        return number if newest is None else -1 - newest

    def _load(self, place: int) -> bytes:
        if place < 0:
            return self._framed(self.wal.frames[-1 - place])
        if self._main is None:
            return bytes(PAGE_BYTES)
        return read_at(self._main, (place - 1) * PAGE_BYTES, PAGE_BYTES).ljust(PAGE_BYTES, b"\0")

    def _framed(self, frame: Frame) -> bytes:
        if frame.content is not None or self._log is None:
            return frame.content or bytes(PAGE_BYTES)
        return read_at(self._log, frame.offset, PAGE_BYTES)
