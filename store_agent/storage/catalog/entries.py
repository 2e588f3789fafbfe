"""Items and categories as rows, and rows as items and categories."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from store_agent.domain.catalog import Category, Item
from store_agent.errors import Damaged
from store_agent.storage import sqlite
from store_agent.storage.queries import load

_SQL = load("catalog")
_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Branch:
    """A category without what stands in it; `place` is that among its siblings, from 1."""

    category_id: str
    name: str
    description: str | None
    children: int
    items: int
    place: int


def stored(values: tuple[Any, ...]) -> str | None:
    """Write a list as it is kept: JSON, NULL if it is empty."""
    return _as_json(values) if values else None


def item_of(row: tuple[Any, ...]) -> Item:
    """Make an item of a row. Raises Damaged."""
    item_id, name, sku, description, barcodes, is_modifier, modified, external_ids = row
    return Item(
        item_id, name, sku, description, _texts(barcodes), bool(is_modifier), _texts(modified), _pairs(external_ids)
    )


def items(raw: sqlite.Connection) -> Iterator[Item]:
    """Give every item, in order of the id."""
    return map(item_of, raw.execute(_SQL["items"]))


def categories(raw: sqlite.Connection) -> Iterator[Category]:
    """Give every category, in order of the id, with its children in the order given."""
    for number, category_id, name, description, external_ids in raw.execute(_SQL["categories"]):
        children = tuple(child for (child,) in raw.execute(_SQL["child_ids"], (number,)))
        inside = tuple(item for (item,) in raw.execute(_SQL["item_ids"], (number,)))
        yield Category(category_id, name, description, children, inside, _pairs(external_ids))


def _texts(kept: str | None) -> tuple[str, ...]:
    return tuple(_read(kept)) if kept else ()


def _pairs(kept: str | None) -> tuple[tuple[str, str], ...]:
    return tuple((kind, value) for kind, value in _read(kept)) if kept else ()


def _read(kept: str) -> Any:
    try:
        return json.loads(kept)
    except ValueError as error:
        raise Damaged(f"The catalog is damaged: a list in it cannot be read ({error}).") from error
