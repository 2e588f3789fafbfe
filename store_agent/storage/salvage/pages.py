"""The pages of a database that was set aside: its file, overlaid by what its log committed, and the pointer map.

Nothing here needs the header, the schema or an interior page to be readable (sqlite.org/fileformat2).
"""

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import ExitStack
from functools import cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple, Self

from store_agent.storage.cipher import RESERVED_BYTES, SALT_BYTES, Cipher
from store_agent.storage.salvage.wal import PAGE_BYTES, Frame, Wal, read_at, read_wal

CACHED_PAGES = 1_024
"""Pages kept in memory, 4 KiB each."""

_ROOT, _INNER = 1, 5
_DEPTH_MAX = 20


class Version(NamedTuple):
    """A page as it was at some time; `place` is for `Image.load`. `current` tells that it is the newest for certain."""

    number: int
    place: int
    current: bool


class Image:
    """A database file and its log, opened to be read only; use it as a context. Raises OSError.

    With the key of an encrypted file, pages are given as what stands in them, without what encryption reserves; a page
    that is not as it was written is never `current` then.
    """

    def __init__(self, path: Path, key: str = "", salts: Collection[bytes] = ()) -> None:
        """`path` is the database file; it and its log may be missing. `salts` are those that it is known to have."""
        self._salts = salts
        self._cipher = Cipher(key) if key else None
        log = path.with_name(path.name + "-wal")
        self.wal: Wal = read_wal(log)
        self._stack = ExitStack()
        self._main = self._stack.enter_context(path.open("rb")) if path.exists() else None
        self._log = self._stack.enter_context(log.open("rb")) if self.wal.frames else None
        self._newest = {frame.number: place for place, frame in enumerate(self.wal.frames)}
        size = path.stat().st_size if self._main else 0
        self._whole, self._stored = size // PAGE_BYTES, -(-size // PAGE_BYTES)
        self.pages = self._stored if self.wal.pages is None else self.wal.pages
        self._usable = PAGE_BYTES - (RESERVED_BYTES if key else 0)
        self.load = lru_cache(CACHED_PAGES)(self._load)

    @property
    def encrypted(self) -> bool:
        """Tell whether the file is read with a key."""
        return self._cipher is not None

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
            current = number not in self._newest and not self.wal.blind
            yield Version(number, number, current and self._is_own(number, number))
        for place, frame in enumerate(self.wal.frames):
            if 0 < frame.number <= self.pages:
                newest = self._newest[frame.number] == place
                current = newest and frame.sound and not self.wal.blind
                yield Version(frame.number, -1 - place, current and self._is_own(frame.number, -1 - place))

    def places(self) -> Iterator[tuple[int, int]]:
        """Give the number of each page that is stored, and where; `raw` gives what stands there."""
        yield from ((number, number) for number in range(1, self._stored + 1))
        yield from ((frame.number, -1 - place) for place, frame in enumerate(self.wal.frames))

    def raw(self, place: int) -> bytes:
        """Give the bytes of a place as they are stored."""
        if place < 0:
            return self._framed(self.wal.frames[-1 - place])
        if self._main is None:
            return bytes(PAGE_BYTES)
        return read_at(self._main, (place - 1) * PAGE_BYTES, PAGE_BYTES).ljust(PAGE_BYTES, b"\0")

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
        mapped = self._usable // 5
        map_page = (number - 2) // (mapped + 1) * (mapped + 1) + 2
        start = 5 * (number - map_page - 1)
        if start < 0:
            return 0, 0  # a page of the map itself
        page = self.page(map_page)
        return page[start], int.from_bytes(page[start + 1 : start + 5], "big")

    def _place(self, number: int) -> int:
        newest = self._newest.get(number)
        return number if newest is None else -1 - newest

    def _load(self, place: int) -> bytes:
        page = self.raw(place)
        return page if self._cipher is None else self._cipher.read(page, self._number(place))

    def _number(self, place: int) -> int:
        return place if place > 0 else self.wal.frames[-1 - place].number

    def _is_own(self, number: int, place: int) -> bool:
        return self._cipher is None or self._cipher.is_own(self.raw(place), number, self._salt)

    @cached_property
    def _salt(self) -> bytes:
        """What is known, or what most of the first pages bear, the older ones of the journal included."""
        first = Counter(self.raw(place)[:SALT_BYTES] for number, place in self.places() if number == 1)
        return next(iter(self._salts), None) or max(first, key=first.__getitem__, default=bytes(SALT_BYTES))

    def _framed(self, frame: Frame) -> bytes:
        if frame.content is not None or self._log is None:
            return frame.content or bytes(PAGE_BYTES)
        return read_at(self._log, frame.offset, PAGE_BYTES)
