"""What changed between two catalogs or two lists of employees.

Entries are merged in order of their keys, so that a long list never has to be held: rows of a database in order of
the id will do.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic

from store_agent.domain.content import Kept, changed_fields, key_of


class Kind(StrEnum):
    """What happened to an entry."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Change(Generic[Kept]):
    """One entry that is not as it was. `before` is None if it was added, `after` if it was removed.

    `fields` names those that differ if both are there.
    """

    kind: Kind
    key: str
    before: Kept | None
    after: Kept | None
    fields: tuple[str, ...] = ()


def in_order(entries: Iterable[Kept]) -> list[Kept]:
    """Put entries in the order that `difference` wants."""
    return sorted(entries, key=key_of)


def difference(before: Iterable[Kept], after: Iterable[Kept]) -> Iterator[Change[Kept]]:
    """Tell what was added, removed and changed, in order of the keys.

    Both must be in order and without a key twice (`in_order` of a checked list); raises ValueError if they are not.
    """
    olds, news = _ascending(before), _ascending(after)
    old, new = next(olds, None), next(news, None)
    while old is not None or new is not None:
        if old is not None and (new is None or old.key < new.key):
            yield Change(Kind.REMOVED, old.key, old, None)
            old = next(olds, None)
        elif new is not None and (old is None or new.key < old.key):
            yield Change(Kind.ADDED, new.key, None, new)
            new = next(news, None)
        elif old is not None and new is not None:
            if fields := changed_fields(old, new):
                yield Change(Kind.CHANGED, new.key, old, new, fields)
            old, new = next(olds, None), next(news, None)


def _ascending(entries: Iterable[Kept]) -> Iterator[Kept]:
    last: str | None = None
    for entry in entries:
        if last is not None and entry.key <= last:
            raise ValueError(f"{entry.key!r} does not come after {last!r}")
        last = entry.key
        yield entry
