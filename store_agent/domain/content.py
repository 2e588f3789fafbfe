"""What a catalog or a list of employees says, apart from the order and the file it came in.

A field that says nothing (not given, or false) is no part of the content, so that a field the agent learns later
changes no digest of what was kept before.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import fields, replace
from typing import TypeVar

from store_agent.domain.catalog import Catalog, Category, Item
from store_agent.domain.employees import Employee

Entry = Item | Category | Employee
Kept = TypeVar("Kept", Item, Category, Employee)

_FIELDS: dict[type[Entry], tuple[str, ...]] = {
    kind: tuple(field.name for field in fields(kind)) for kind in (Item, Category, Employee)
}
_as_json = json.JSONEncoder(separators=(",", ":")).encode


def key_of(entry: Entry) -> str:
    """Give what entries are put in order by: by code points, as SQLite orders text in UTF-8."""
    return entry.key


def content(entry: Entry) -> dict[str, object]:
    """Give the fields that say something. Lists are in one order, since theirs has no meaning for the platform."""
    return {
        name: tuple(sorted(value)) if isinstance(value, tuple) else value
        for name in _FIELDS[type(entry)]
        if (value := getattr(entry, name))
    }


def changed_fields(one: Entry, other: Entry) -> tuple[str, ...]:
    """Name the fields in which two entries of a kind differ, in the order of their documents."""
    here, there = content(one), content(other)
    return tuple(name for name in _FIELDS[type(one)] if here.get(name) != there.get(name))


def merged(one: Kept, other: Kept) -> Kept | None:
    """Give one entry that says what both say, or None if they contradict each other in a field."""
    silent = set(_FIELDS[type(one)]) - content(one).keys()
    differing = changed_fields(one, other)
    told = content(other).keys()
    if any(name in told and name not in silent for name in differing):
        return None
    learned = {name: getattr(other, name) for name in differing if name in silent}
    return replace(one, **learned) if learned else one


def catalog_digest(catalog: Catalog) -> bytes:
    """Give the SHA-256 (32 bytes) of a catalog's content."""
    return _digest(catalog.categories, catalog.items)


def employees_digest(employees: Iterable[Employee]) -> bytes:
    """Give the SHA-256 (32 bytes) of the content of a list of employees."""
    return _digest(employees)


def _digest(*kinds: Iterable[Entry]) -> bytes:
    """Hash a line of JSON for each entry, in order of the ids; half of a surrogate pair is escaped, never refused."""
    total = hashlib.sha256()
    for entries in kinds:
        for entry in sorted(entries, key=key_of):
            total.update(_as_json(content(entry)).encode() + b"\n")
        total.update(b"\n")
    return total.digest()
