"""What goes to the platform: the payloads of upload_catalog and upload_employees.

Source: SessionM POS API, Upload Catalog and Upload Employees. Only documented fields are written, without those that
say nothing, in order of the ids and of the lists, so that one content has one text. It comes in pieces, since the whole
of a large catalog need not stand in memory twice.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from store_agent.domain.catalog import Category, Item
from store_agent.domain.content import content, key_of
from store_agent.domain.employees import Employee

_NOT_UPLOADED = frozenset({"barcodes", "external_ids"})
_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def catalog_payload(categories: Iterable[Category], items: Iterable[Item]) -> Iterator[str]:
    """Write a checked catalog, entries in order of their ids: categories, then items, in one list as documented."""
    entries: Iterable[Category | Item] = chain(categories, items)
    return _payload("items", map(_catalog_entry, entries))


def employees_payload(employees: Iterable[Employee]) -> Iterator[str]:
    """Write checked employees."""
    return _payload("employees", map(content, sorted(employees, key=key_of)))


def _catalog_entry(entry: Category | Item) -> dict[str, Any]:
    told = {name: value for name, value in content(entry).items() if name not in _NOT_UPLOADED}
    return {**told, "is_modifier": entry.is_modifier} if isinstance(entry, Item) else told


def _payload(name: str, entries: Iterable[dict[str, Any]]) -> Iterator[str]:
    mark = f'{{"{name}":['
    for entry in entries:
        yield mark + _as_json(entry)
        mark = ","
    yield ("" if mark == "," else mark) + "]}"
