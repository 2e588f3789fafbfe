"""What the next file of the catalog is to hold. The catalog must have been checked (`domain.catalog_check`)."""

from collections.abc import Iterable, Iterator
from typing import Any

from store_agent.domain.catalog import Catalog, Category, Item
from store_agent.domain.content import catalog_digest
from store_agent.domain.difference import Change, difference, in_order
from store_agent.storage import history, sqlite, words
from store_agent.storage.catalog import entries
from store_agent.storage.catalog.entries import stored
from store_agent.storage.catalog.tree import standings
from store_agent.storage.edition import Edition, Layout
from store_agent.storage.portions import Portions, insert_all
from store_agent.storage.queries import load

_SQL = load("catalog")
_SCHEMA = tuple(text for name, text in _SQL.items() if name.startswith("schema_"))
_INDEXES = tuple(text for name, text in _SQL.items() if name.startswith("index_"))

LAYOUT = Layout(1, (*history.SCHEMA, *_SCHEMA, *words.SCHEMA), _SQL["holds"])

_Row = tuple[Any, ...]


def prepare(catalog: Catalog, portions: Portions) -> Edition:
    """Make the edition of a checked catalog."""
    holds = len(catalog.items), len(catalog.categories)
    portions.expect(3 * holds[0] + 2 * holds[1])  # all are compared and written, items are made searchable
    counts = {
        "items": holds[0],
        "categories": holds[1],
        "modifiers": sum(item.is_modifier for item in catalog.items),
    }
    return Edition(
        catalog_digest(catalog),
        counts,
        holds,
        lambda old: _changes(old, catalog, portions),
        lambda raw: _write(raw, catalog, portions),
    )


def _changes(old: sqlite.Connection, catalog: Catalog, portions: Portions) -> Iterator[tuple[str, Change[Any]]]:
    for category in difference(entries.categories(old), portions.of(in_order(catalog.categories))):
        yield "category", category
    for item in difference(entries.items(old), portions.of(in_order(catalog.items))):
        yield "item", item


def _write(raw: sqlite.Connection, catalog: Catalog, portions: Portions) -> None:
    ranked = words.ranked(item.name for item in catalog.items)
    items = [catalog.items[position] for position in ranked]
    numbers = {item.item_id: number for number, item in enumerate(items, 1)}
    for query, rows in (
        ("add_item", (_item_row(number, item) for number, item in enumerate(portions.of(items), 1))),
        ("add_barcode", _barcode_rows(items)),
        ("add_modifier", _modifier_rows(items, numbers)),
        ("add_category", _category_rows(catalog, portions)),
        ("add_shelf", _shelf_rows(catalog, numbers)),
    ):
        insert_all(raw, _SQL[query], rows)
    for statement in _INDEXES:
        raw.execute(statement)
    words.index(raw, (_SQL["add_names"], _SQL["add_words"]), len(items), portions)


def _item_row(number: int, item: Item) -> _Row:
    lists = stored(item.barcodes), item.is_modifier, stored(item.modifies_item_ids), stored(item.external_ids)
    return number, item.item_id, item.name, item.sku, item.description, *lists


def _barcode_rows(items: Iterable[Item]) -> Iterator[_Row]:
    return ((barcode, number) for number, item in enumerate(items, 1) for barcode in item.barcodes)


def _modifier_rows(items: Iterable[Item], numbers: dict[str, int]) -> Iterator[_Row]:
    """Give what is modified by what; what is told about it by an item that is no modifier means nothing."""
    for number, item in enumerate(items, 1):
        if item.is_modifier:
            yield from ((numbers[modified], number) for modified in item.modifies_item_ids)


def _category_rows(catalog: Catalog, portions: Portions) -> Iterator[_Row]:
    where = standings(catalog.categories)
    for number, category in enumerate(portions.of(catalog.categories), 1):
        stands = where[number - 1]
        parent = None if stands.parent is None else stands.parent + 1
        sizes = len(category.category_ids), len(category.item_ids)
        yield *_named(number, category), parent, stands.place, " ".join(stands.path), *sizes


def _named(number: int, category: Category) -> _Row:
    return number, category.category_id, category.name, category.description, stored(category.external_ids)


def _shelf_rows(catalog: Catalog, numbers: dict[str, int]) -> Iterator[_Row]:
    for category, entry in enumerate(catalog.categories, 1):
        yield from ((category, place, numbers[item_id]) for place, item_id in enumerate(entry.item_ids, 1))
