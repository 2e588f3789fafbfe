"""Whether a catalog can be right: checked whole, so that one look tells all that has to be mended.

Source: SM Sync Data Importers Guide, Product Catalog (ids, names, one tree, an item once in a category); SessionM POS
API, Upload Catalog (children, what a modifier modifies).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from store_agent.domain import texts
from store_agent.domain.catalog import Catalog, Category, Item
from store_agent.domain.category_tree import steps_back
from store_agent.domain.content import changed_fields
from store_agent.domain.jsontext import clip
from store_agent.domain.problems import Origin, Problem


@dataclass(frozen=True, slots=True)
class Origins:
    """Where the entries of a catalog were read, each kind by its position in the catalog."""

    categories: Origin = "categories.{}".format
    items: Origin = "items.{}".format


_CHILDREN = frozenset({"category_ids", "item_ids"})


def check(catalog: Catalog, origins: Origins | None = None) -> Iterator[Problem]:
    """Find all that cannot be right, in the order of the rules; without `origins` places are positions."""
    at = origins or Origins()
    categories, items = _first(catalog.categories), _first(catalog.items)
    yield from _category_texts(catalog.categories, at.categories)
    yield from _item_texts(catalog.items, at.items)
    yield from _repeated(catalog.categories, categories, at.categories, "category_id")
    yield from _repeated(catalog.items, items, at.items, "item_id")
    yield from _shared(catalog.items, items, categories, at)
    yield from _unknown_children(catalog.categories, categories, items, at.categories)
    yield from _children_twice(catalog.categories, at.categories)
    yield from _wrong_places(catalog.categories, categories, at.categories)
    yield from _unknown_modified(catalog.items, items, at.items)


def _first(entries: Iterable[Item | Category]) -> dict[str, int]:
    """Give the position at which each id stands first; a missing id is no id."""
    first: dict[str, int] = {}
    for number, entry in enumerate(entries):
        if entry.key:
            first.setdefault(entry.key, number)
    return first


def _category_texts(categories: Iterable[Category], at: Origin) -> Iterator[Problem]:
    for number, category in enumerate(categories):
        for field, value, text in (
            ("category_id", category.category_id, texts.IDENTIFIER),
            ("name", category.name, texts.NAME),
            ("description", category.description, texts.DESCRIPTION),
        ):
            if fault := text.fault(value):
                yield Problem(at(number), field, fault)
        yield from _external_ids(category, at, number)


def _item_texts(items: Iterable[Item], at: Origin) -> Iterator[Problem]:
    for number, item in enumerate(items):
        for field, value, text in (
            ("item_id", item.item_id, texts.ITEM_ID),
            ("name", item.name, texts.NAME),
            ("sku", item.sku, texts.CODE),
            ("description", item.description, texts.DESCRIPTION),
        ):
            if fault := text.fault(value):
                yield Problem(at(number), field, fault)
        for barcode in item.barcodes:
            if fault := texts.IDENTIFIER.fault(barcode):
                yield Problem(at(number), "barcodes", f"{_quoted(barcode)} {fault}")
        yield from _external_ids(item, at, number)


def _external_ids(entry: Item | Category, at: Origin, number: int) -> Iterator[Problem]:
    for kind, value in entry.external_ids:
        if fault := texts.IDENTIFIER.fault(kind) or texts.IDENTIFIER.fault(value):
            yield Problem(at(number), "external_ids", f"{_quoted(kind)} {fault}")


def _repeated(entries: Sequence[Item | Category], first: dict[str, int], at: Origin, field: str) -> Iterator[Problem]:
    for number, entry in enumerate(entries):
        earlier = first.get(entry.key, number)
        if earlier == number:
            continue
        known = entries[earlier]
        differing = [name for name in changed_fields(known, entry) if name not in _CHILDREN]
        if isinstance(entry, Item) and "name" in differing:
            reason = f"{_quoted(entry.name)} is another than {_quoted(known.name)}, the name of item "
            yield Problem(at(number), "name", f"{reason}{_quoted(entry.key)} at {at(earlier)}")
        else:
            told = f", told otherwise ({', '.join(differing)})" if differing else ""
            yield Problem(at(number), field, f"{_quoted(entry.key)} stands already at {at(earlier)}{told}")


def _shared(
    items: Sequence[Item], item_ids: dict[str, int], category_ids: dict[str, int], at: Origins
) -> Iterator[Problem]:
    for shared in sorted(item_ids.keys() & category_ids.keys(), key=item_ids.__getitem__):
        number = item_ids[shared]
        reason = f"{_quoted(items[number].key)} is also the id of the category at "
        yield Problem(at.items(number), "item_id", reason + at.categories(category_ids[shared]))


def _unknown_children(
    categories: Iterable[Category], category_ids: dict[str, int], item_ids: dict[str, int], at: Origin
) -> Iterator[Problem]:
    for number, category in enumerate(categories):
        for field, children, known, kind in (
            ("category_ids", category.category_ids, category_ids, "category"),
            ("item_ids", category.item_ids, item_ids, "item"),
        ):
            for child in children:
                if child not in known:
                    yield Problem(
                        at(number), field, f"names the {kind} {_quoted(child)}, which the catalog does not have"
                    )


def _children_twice(categories: Iterable[Category], at: Origin) -> Iterator[Problem]:
    for number, category in enumerate(categories):
        for field, children in (("category_ids", category.category_ids), ("item_ids", category.item_ids)):
            if len(set(children)) == len(children):
                continue
            for child in _twice(children):
                yield Problem(at(number), field, f"names {_quoted(child)} more than once")


def _wrong_places(categories: Sequence[Category], first: dict[str, int], at: Origin) -> Iterator[Problem]:
    """Find what makes the categories no tree: steps that lead around, and second places.

    Which place is meant of an id that stands twice cannot be told, and `_repeated` has told of it.
    """
    told = set(_twice(category.key for category in categories))
    back = dict.fromkeys(step for step in steps_back(categories) if told.isdisjoint(step))
    for here, child in back:
        reason = "holds itself" if here == child else f"holds {_quoted(child)}, in which it stands itself"
        yield Problem(at(first[here]), "category_ids", reason)
    parents: dict[str, str] = {}
    for number, category in enumerate(categories):
        for child in dict.fromkeys(category.category_ids):
            if child in told or (category.key, child) in back:
                continue
            if parents.setdefault(child, category.key) != category.key:
                reason = f"holds {_quoted(child)}, which stands in {_quoted(parents[child])} already"
                yield Problem(at(number), "category_ids", f"{reason}; a category has one place")


def _unknown_modified(items: Iterable[Item], item_ids: dict[str, int], at: Origin) -> Iterator[Problem]:
    for number, item in enumerate(items):
        for modified in item.modifies_item_ids if item.is_modifier else ():
            if modified not in item_ids:
                reason = f"names the item {_quoted(modified)}, which the catalog does not have"
                yield Problem(at(number), "modifies_item_ids", reason)


def _twice(values: Iterable[str]) -> Iterator[str]:
    """Give each value that stands more than once, once."""
    counts: dict[str, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
        if counts[value] == 2:  # noqa: PLR2004 - the second time is enough
            yield value


def _quoted(text: str) -> str:
    return repr(clip(text))
