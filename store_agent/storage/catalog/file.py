"""What the point of sale and the manager ask of the catalog. Every answer comes with the version that it is from."""

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from store_agent.clock import Clock
from store_agent.domain.catalog import Catalog, Category, Item
from store_agent.storage import history, sqlite, words
from store_agent.storage.catalog import entries
from store_agent.storage.catalog.build import LAYOUT, prepare
from store_agent.storage.catalog.entries import Branch, item_of
from store_agent.storage.history import Answer, Noted, Replaced, Version
from store_agent.storage.portions import Progress
from store_agent.storage.queries import load
from store_agent.storage.swapped import Naming, SwappedFile
from store_agent.storage.words import After, Found

T = TypeVar("T")

FILE_NAME = "catalog.db"

_NAMING = Naming(FILE_NAME, "catalog", "store-agent catalog import FILE")
_SQL = load("catalog")


@dataclass(frozen=True, slots=True)
class Shelf:
    """A category with its way from the root, which it is not part of itself, and a page of what stands in it.

    `after` is where the next page of items begins, None if this is the last. Children have pages of their own.
    """

    category: Branch
    way: tuple[Branch, ...]
    children: tuple[Branch, ...]
    items: tuple[Item, ...]
    after: int | None


@dataclass(frozen=True, slots=True)
class Stored:
    """A catalog that is read as a stream, in order of the ids, from a connection's own thread."""

    raw: sqlite.Connection

    def categories(self) -> Iterator[Category]:
        """Give every category; their children are in the order given."""
        return entries.categories(self.raw)

    def items(self) -> Iterator[Item]:
        """Give every item."""
        return entries.items(self.raw)

    def whole(self) -> Catalog:
        """Give all of it at once; 200,000 items take some 150 MB."""
        return Catalog(tuple(self.categories()), tuple(self.items()))


class CatalogFile:
    """The catalog of a store. Use `open_catalog`, and close it.

    Limits are at least 1. Raises StorageFailure when the disk fails; a damaged file is set aside and answers as one
    that was never filled, with `trouble` telling so in words for a manager.
    """

    def __init__(self, file: SwappedFile) -> None:
        self._file = file

    @property
    def trouble(self) -> str | None:
        """Tell in words for a manager why there is no catalog, if there is something to tell."""
        return self._file.trouble

    def current(self) -> Version | None:
        """Give the version that is asked now, with `counts` of `items`, `categories` and `modifiers`; None without."""
        return self._file.version

    async def replace(self, catalog: Catalog, source: str, *, progress: Progress | None = None) -> Replaced:
        """Put a checked catalog in place of the one that is there; the same content only gets a new `as_of`.

        `source` says in words from where it came. `progress` hears of it on another thread. Who is cancelled ends it.
        Raises DiskFull, Damaged, StorageFailure or Stopped; then the catalog is as it was.
        """
        return await self._file.replace(partial(prepare, catalog), source, progress)

    async def item(self, item_id: str) -> Answer[Item | None]:
        """Give an item by its id."""
        return await self._file.read(partial(_item, item_id))

    async def by_sku(self, sku: str, limit: int = 100) -> Answer[tuple[Item, ...]]:
        """Give the items of a SKU, exactly as it is written: nothing keeps a store from having several."""
        return await self._file.read(partial(_items, "by_sku", (sku, limit)))

    async def by_barcode(self, barcode: str, limit: int = 100) -> Answer[tuple[Item, ...]]:
        """Give the items of a barcode, exactly as it is written."""
        return await self._file.read(partial(_items, "by_barcode", (barcode, limit)))

    async def modifiers_of(self, item_id: str, limit: int = 100) -> Answer[tuple[Item, ...]]:
        """Give the items that modify one."""
        return await self._file.read(partial(_items, "modifiers_of", (item_id, limit)))

    async def search(self, typed: str, limit: int = 50, after: After | None = None) -> Answer[Found[Item]]:
        """Give a page of what somebody means who types this; see `words` for how and in which order."""
        return await self._file.read(partial(_search, typed, limit, after))

    async def missing(self, item_ids: Collection[str]) -> Answer[frozenset[str]]:
        """Give those of some ids that no item has; none without a catalog, since then nothing is known of any."""
        return await self._file.read(partial(_missing, item_ids))

    async def roots(self, limit: int = 100, after: int = 0) -> Answer[tuple[Branch, ...]]:
        """Give a page of the categories that stand in no other, behind the one of the place `after`."""
        return await self._file.read(partial(_roots, limit, after))

    async def children(self, category_id: str, limit: int = 100, after: int = 0) -> Answer[tuple[Branch, ...] | None]:
        """Give a page of the categories in one, behind the one of the place `after`; None if there is no such one."""
        return await self._file.read(partial(_children, category_id, limit, after))

    async def category(self, category_id: str, limit: int = 100, after: int = 0) -> Answer[Shelf | None]:
        """Give a category with the first page of its children and a page of its items; None if there is no such one."""
        return await self._file.read(partial(_shelf, category_id, limit, after))

    async def versions(self, limit: int = history.VERSIONS_MAX) -> Answer[list[Version]]:
        """Give the last versions, the newest first."""
        return await self._file.read(partial(history.versions, limit))

    async def changes(self, version: int, after: int = 0, limit: int = 100) -> Answer[list[Noted]]:
        """Give a page of what a version changed, categories first; the first version lists nothing."""
        return await self._file.read(partial(history.changes, version, after, limit))

    async def load(self, take: Callable[[Stored], T]) -> Answer[T]:
        """Hand the whole catalog to somebody on another thread, as a stream of one version, and give what they make."""
        return await self._file.read_long(lambda raw: take(Stored(raw)))

    async def close(self) -> None:
        """End what is being built or read."""
        await self._file.close()


async def open_catalog(directory: Path, clock: Clock, *, free_min: int = 0) -> CatalogFile:
    """Open the catalog in a storage directory that exists and whose lock the caller holds.

    An import leaves `free_min` bytes free on the disk. Raises nothing that would keep the agent from selling.
    """
    file = SwappedFile(directory, _NAMING, LAYOUT, clock, free_min)
    await file.open()
    return CatalogFile(file)


def _item(item_id: str, raw: sqlite.Connection) -> Item | None:
    return next(iter(_items("item", (item_id,), raw)), None)


def _items(query: str, asked: tuple[str | int, ...], raw: sqlite.Connection) -> tuple[Item, ...]:
    return tuple(map(item_of, raw.execute(_SQL[query], asked)))


def _search(typed: str, limit: int, after: After | None, raw: sqlite.Connection) -> Found[Item]:
    found = words.find(raw, _SQL["codes"], typed, limit, after)
    return words.filled(found, lambda number: _items("numbered", (number,), raw)[0])


def _missing(item_ids: Collection[str], raw: sqlite.Connection) -> frozenset[str]:
    if history.current(raw) is None:
        return frozenset()
    asked = [item_id for item_id in item_ids if item_id.isprintable()]  # others no item can have, nor SQLite give back
    unknown = frozenset(value for (value,) in raw.execute(_SQL["missing"], (json.dumps(asked),)))
    return unknown | (frozenset(item_ids) - frozenset(asked))


def _roots(limit: int, after: int, raw: sqlite.Connection) -> tuple[Branch, ...]:
    return _branches(raw, "roots", {"limit": limit, "after": after})


def _children(category_id: str, limit: int, after: int, raw: sqlite.Connection) -> tuple[Branch, ...] | None:
    found = raw.execute(_SQL["branch"], (category_id,)).fetchone()
    return None if found is None else _branches(raw, "children", {"parent": found[0], "limit": limit, "after": after})


def _shelf(category_id: str, limit: int, after: int, raw: sqlite.Connection) -> Shelf | None:
    found = raw.execute(_SQL["branch"], (category_id,)).fetchone()
    if found is None:
        return None
    number, *told = found
    rows = raw.execute(_SQL["shelf"], {"category": number, "after": after, "limit": limit + 1}).fetchall()
    page = rows[:limit]
    return Shelf(
        Branch(*told),
        _branches(raw, "way", (number,)),
        _branches(raw, "children", {"parent": number, "limit": limit, "after": 0}),
        tuple(item_of(row[1:]) for row in page),
        page[-1][0] if len(rows) > limit else None,
    )


def _branches(raw: sqlite.Connection, query: str, asked: Sequence[int] | dict[str, int]) -> tuple[Branch, ...]:
    return tuple(Branch(*told) for _, *told in raw.execute(_SQL[query], asked))
