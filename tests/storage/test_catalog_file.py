"""The catalog answers by id, SKU, barcode and place in the tree, and tells what each version changed."""

import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from store_agent.clock import SystemClock
from store_agent.domain.catalog import Catalog, Category, Item
from store_agent.domain.content import catalog_digest
from store_agent.domain.difference import Kind, in_order
from store_agent.storage import history, portions
from store_agent.storage.catalog.file import CatalogFile, open_catalog
from tests.support.shop import CATEGORIES, ITEMS, SHOP, with_item


class SetClock(SystemClock):
    def __init__(self) -> None:
        self.now = 1_000.0

    def wall(self) -> float:
        return self.now


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
async def catalog(tmp_path: Path, clock: SetClock) -> AsyncIterator[CatalogFile]:
    opened = await open_catalog(tmp_path, clock)
    yield opened
    await opened.close()


@pytest.fixture
async def shop(catalog: CatalogFile) -> CatalogFile:
    await catalog.replace(SHOP, "a test")
    return catalog


def ids(items: tuple[Item, ...]) -> list[str]:
    return [item.item_id for item in items]


async def test_without_a_catalog_nothing_is_known_and_nothing_is_missing(catalog: CatalogFile, tmp_path: Path) -> None:
    assert catalog.current() is None
    assert await catalog.item("1001") == (None, None)
    assert (await catalog.item("1001")).as_of is None
    assert (await catalog.search("wine")).value == ((), None)
    assert (await catalog.missing(["1001"])).value == frozenset()
    assert (await catalog.roots()).value == ()
    assert (await catalog.category("C-WINE")).value is None
    assert (await catalog.versions()).value == []
    assert (await catalog.load(lambda stored: stored.whole())).value == Catalog()
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - pathlib's looks are said to block


async def test_each_item_comes_back_as_it_was_told_with_the_time_it_is_from(shop: CatalogFile, clock: SetClock) -> None:
    clock.now = 5_000.0
    for item in ITEMS:
        answer = await shop.item(item.item_id)
        assert (answer.value, answer.as_of) == (item, 1_000_000)
    assert (await shop.item("nobody's")).value is None


async def test_sku_and_barcode_are_taken_exactly(shop: CatalogFile) -> None:
    assert ids((await shop.by_sku("RIE-12-0001")).value) == ["1001"]
    assert ids((await shop.by_barcode("0012345678905")).value) == ["1001"]
    for other in ("rie-12-0001", "RIE-12-000", "RIE-12-0001 ", "12345678905", ""):
        assert (await shop.by_sku(other)).value == ()
        assert (await shop.by_barcode(other)).value == ()


async def test_items_that_share_a_sku_or_a_barcode_all_come_shortest_name_first(catalog: CatalogFile) -> None:
    shared = [Item(name, name, sku="S", barcodes=("7", "7")) for name in ("long name", "name", "a name")]
    await catalog.replace(Catalog((), tuple(shared)), "a test")
    assert ids((await catalog.by_sku("S")).value) == ["name", "a name", "long name"]
    assert ids((await catalog.by_barcode("7", limit=2)).value) == ["name", "a name"]


async def test_modifiers_of_an_item_are_only_items_that_are_modifiers(shop: CatalogFile) -> None:
    assert ids((await shop.modifiers_of("1001")).value) == ["2002"]
    assert ids((await shop.modifiers_of("1003")).value) == ["2001"]
    assert (await shop.modifiers_of("1005")).value == ()


async def test_many_ids_are_held_against_the_catalog_at_once(shop: CatalogFile) -> None:
    asked = [*(item.item_id for item in ITEMS), "4711", 'a "quoted" one', "1001 "]
    assert (await shop.missing(asked)).value == {"4711", 'a "quoted" one', "1001 "}


async def test_the_tree_is_browsed_in_the_order_given(shop: CatalogFile) -> None:
    roots = (await shop.roots()).value
    assert [(root.category_id, root.children, root.items) for root in roots] == [("C-DRINKS", 2, 0), ("C-SWEETS", 0, 2)]
    ice = (await shop.category("C-ICE")).value
    assert ice is not None
    assert [above.category_id for above in ice.way] == ["C-DRINKS", "C-WINE"]
    assert (ids(ice.items), ice.children, ice.after) == (["1001"], (), None)
    drinks = (await shop.category("C-DRINKS")).value
    assert drinks is not None
    assert [child.name for child in drinks.children] == ["Vins blancs", "Tea"]
    assert drinks.way == ()


async def test_children_and_items_come_in_pages(shop: CatalogFile) -> None:
    first = (await shop.category("C-SWEETS", limit=1)).value
    assert first is not None
    assert (ids(first.items), first.after) == (["1005"], 1)
    second = (await shop.category("C-SWEETS", limit=1, after=1)).value
    assert second is not None
    assert (ids(second.items), second.after) == (["1003"], None)
    (root,) = (await shop.roots(limit=1)).value
    assert [other.category_id for other in (await shop.roots(after=root.place)).value] == ["C-SWEETS"]
    children = (await shop.children("C-DRINKS", after=1)).value
    assert children is not None
    assert [child.category_id for child in children] == ["C-TEA"]
    assert (await shop.children("nobody's")).value is None


async def test_a_chain_of_categories_may_be_long(catalog: CatalogFile) -> None:
    chain = tuple(Category(f"{number}", f"level {number}", category_ids=(f"{number + 1}",)) for number in range(3_000))
    last = Category("3000", "the last", item_ids=("1001",))
    await catalog.replace(Catalog((*chain, last), ITEMS[:1]), "a test")
    deepest = (await catalog.category("3000")).value
    assert deepest is not None
    assert [above.name for above in deepest.way][-1] == "level 2999"
    assert len(deepest.way) == 100
    assert ids((await catalog.search("level riesling")).value.entries) == ["1001"]


async def test_all_of_it_comes_back_for_the_upload_in_order_of_the_ids(shop: CatalogFile) -> None:
    answer = await shop.load(lambda stored: stored.whole())
    assert answer.value == Catalog(tuple(in_order(CATEGORIES)), tuple(in_order(ITEMS)))
    assert catalog_digest(answer.value) == catalog_digest(SHOP)
    assert answer.version == shop.current()


async def test_what_is_no_tree_is_refused_and_changes_nothing(shop: CatalogFile, tmp_path: Path) -> None:
    """The check of the catalog finds this before; a fault there must not leave a file that nobody can walk."""
    around = (Category("A", "a", category_ids=("B",)), Category("B", "b", category_ids=("A",)))
    twice = (*CATEGORIES, Category("C-TOO", "too", category_ids=("C-TEA",)))
    for categories in (around, twice):
        with pytest.raises(ValueError, match="some categories|two places"):
            await shop.replace(Catalog(categories, ITEMS), "a test")
    assert os.listdir(tmp_path) == ["catalog.db"]  # noqa: PTH208 - see above
    assert (await shop.item("1001")).value == ITEMS[0]


async def test_the_same_content_again_is_only_confirmed(shop: CatalogFile, clock: SetClock) -> None:
    clock.now = 2_000.0
    replaced = await shop.replace(Catalog(CATEGORIES[::-1], ITEMS[::-1]), "another file")
    assert not replaced.changed
    version = shop.current()
    assert version == replaced.version
    assert (version.number, version.since, version.as_of, version.source) == (1, 1_000_000, 2_000_000, "another file")
    assert (await shop.item("1001")) == (ITEMS[0], version)


async def test_a_version_knows_its_counts_and_what_it_changed(shop: CatalogFile, clock: SetClock) -> None:
    clock.now = 2_000.0
    first = shop.current()
    tea = replace(ITEMS[1], name="Ice tea", description=None)
    items = (ITEMS[0], tea, *ITEMS[3:], Item("3000", "New", barcodes=("7",)))
    sweets = replace(CATEGORIES[1], item_ids=("1005",))
    replaced = await shop.replace(Catalog((CATEGORIES[0], sweets, *CATEGORIES[2:]), _without(items, "1003")), "by hand")
    version = replaced.version
    assert replaced.changed
    assert (version.number, version.added, version.removed, version.changed, version.listed) == (2, 1, 1, 3, 5)
    assert version.counts == {"items": 9, "categories": 5, "modifiers": 2}
    noted = (await shop.changes(2)).value
    assert [(one.entry, one.kind, one.key, one.fields) for one in noted] == [
        ("category", Kind.CHANGED, "C-SWEETS", ("item_ids",)),
        ("item", Kind.CHANGED, "1002", ("name", "description")),
        ("item", Kind.REMOVED, "1003", ()),
        ("item", Kind.CHANGED, "2001", ("modifies_item_ids",)),
        ("item", Kind.ADDED, "3000", ()),
    ]
    assert (noted[1].before, noted[1].after) == (
        {"name": "Iced Tea", "description": "Goes well with wine cake"},
        {"name": "Ice tea"},
    )
    assert noted[2].before == {
        "item_id": "1003",
        "name": "Crème brûlée",
        "sku": "DES-7",
        "description": "Dessert à la vanille",
    }
    assert noted[4].after == {"item_id": "3000", "name": "New", "barcodes": ["7"]}
    assert (noted[2].after, noted[4].before) == (None, None)
    assert (await shop.changes(2, after=4)).value == noted[4:]
    assert (await shop.changes(2, limit=2)).value == noted[:2]
    assert (await shop.versions()).value == [version, first]
    assert (await shop.changes(1)).value == []


def _without(items: tuple[Item, ...], item_id: str) -> tuple[Item, ...]:
    cream = replace(ITEMS[6], modifies_item_ids=("1002",))
    return tuple(cream if item.item_id == cream.item_id else item for item in items if item.item_id != item_id)


async def test_changes_of_the_last_versions_are_kept(shop: CatalogFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "VERSIONS_MAX", 3)
    for number in range(2, 7):
        await shop.replace(with_item(SHOP, replace(ITEMS[1], name=f"Tea {number}")), "a test")
    assert [version.number for version in (await shop.versions()).value] == [6, 5, 4]
    for number in (6, 5, 4):
        (noted,) = (await shop.changes(number)).value
        assert noted.after == {"name": f"Tea {number}"}
    assert (await shop.changes(3)).value == []


async def test_changes_take_only_so_much_room_and_are_counted_all_the_same(
    shop: CatalogFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.replace(with_item(SHOP, replace(ITEMS[1], name="Tea")), "small")
    monkeypatch.setattr(history, "CHANGES_BYTES_MAX", 300)
    replaced = await shop.replace(Catalog(), "empty")
    assert replaced.version.removed == len(ITEMS) + len(CATEGORIES)
    assert 0 < replaced.version.listed < replaced.version.removed
    noted = (await shop.changes(3)).value
    assert [one.number for one in noted] == list(range(1, replaced.version.listed + 1))
    monkeypatch.setattr(history, "CHANGES_BYTES_MAX", 0)
    assert (await shop.replace(SHOP, "again")).version.listed == 0
    versions = (await shop.versions()).value
    assert [(version.number, version.added, version.listed) for version in versions[:2]] == [(4, 14, 0), (3, 0, 0)]
    assert (await shop.changes(3)).value == []


async def test_all_is_there_again_after_a_restart(shop: CatalogFile, tmp_path: Path) -> None:
    before = shop.current()
    await shop.close()
    again = await open_catalog(tmp_path, SystemClock())
    try:
        assert again.current() == before
        assert (await again.item("1003")).value == ITEMS[2]
    finally:
        await again.close()


async def test_progress_is_told_from_the_beginning_to_the_end(
    catalog: CatalogFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[int, int]] = []
    total = 3 * len(ITEMS) + 2 * len(CATEGORIES)
    for source in ("first", "next"):
        monkeypatch.setattr(portions, "PORTION", 2 if source == "next" else 2_000)
        content = with_item(SHOP, replace(ITEMS[0], name=source))
        await catalog.replace(content, source, progress=lambda *at: heard.append(at))
        assert heard[0] == (0, total)
        assert heard[-1] == (total, total)
        assert sorted(heard) == heard
        heard.clear()
