"""Catalogs that can be right, of any shape, and the other forms in which they can be written."""

import csv
import io
import json
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from store_agent.domain.catalog import Catalog, Category, Item

PLAIN = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Z"], exclude_characters="|")
IDS = st.text(PLAIN, min_size=1, max_size=12)
NAMES = st.text(PLAIN | st.just(" "), min_size=1, max_size=20).map(str.strip).filter(bool)
DESCRIPTIONS = st.none() | st.text(PLAIN | st.sampled_from(" \n\t"), max_size=30).map(lambda text: text.strip() or None)


@st.composite
def catalogs(draw: st.DrawFn, *, local: bool = False, everything_in_a_category: bool = False) -> Catalog:
    """Draw a catalog without a fault. `local` adds what the upload form does not know."""
    ids = draw(st.lists(IDS, unique=True, max_size=14))
    middle = draw(st.integers(0, len(ids)))
    category_ids, item_ids = ids[:middle], ids[middle:]
    if everything_in_a_category and not category_ids:
        return Catalog()
    parents = {one: draw(st.none() | st.sampled_from(category_ids[:at])) for at, one in enumerate(category_ids) if at}
    least = 1 if everything_in_a_category else 0
    places = {
        one: draw(st.lists(st.sampled_from(category_ids), unique=True, min_size=least, max_size=3))
        for one in item_ids
        if category_ids
    }
    categories = tuple(
        Category(
            one,
            draw(NAMES),
            draw(DESCRIPTIONS),
            tuple(child for child, parent in parents.items() if parent == one),
            tuple(item for item, within in places.items() if one in within),
        )
        for one in category_ids
    )
    return Catalog(categories, tuple(draw(items(one, item_ids, local=local)) for one in item_ids))


@st.composite
def items(draw: st.DrawFn, item_id: str, item_ids: list[str], *, local: bool) -> Item:
    modifier = draw(st.booleans())
    item = Item(
        item_id,
        draw(NAMES),
        sku=draw(st.none() | IDS),
        description=draw(DESCRIPTIONS),
        is_modifier=modifier,
        modifies_item_ids=tuple(draw(st.lists(st.sampled_from(item_ids), unique=True))) if modifier else (),
    )
    if not local:
        return item
    barcodes = tuple(draw(st.lists(IDS, unique=True, max_size=3)))
    others = draw(st.dictionaries(st.sampled_from(["ERP", "Web"]), IDS))
    return replace(item, barcodes=barcodes, external_ids=tuple(sorted(others.items())))


def as_v3(catalog: Catalog) -> list[dict[str, Any]]:
    """Write a catalog as a Product Catalog v3 file, in which every item stands in a category."""
    categories = {category.key: category for category in catalog.categories}
    known = {item.key: item for item in catalog.items}
    inner = {child for category in catalog.categories for child in category.category_ids}

    def node(category: Category) -> dict[str, Any]:
        return {
            "children": [child(known[one]) for one in category.item_ids] or None,
            "subcategories": [node(categories[one]) for one in category.category_ids] or None,
            "name": category.name,
            "category_id": category.category_id,
            "description": category.description,
        }

    return [{"nodes": [node(category) for category in catalog.categories if category.key not in inner]}]


def child(item: Item) -> dict[str, Any]:
    told = {"POSKey": item.item_id, **({"SKU": item.sku} if item.sku else {}), **dict(item.external_ids)}
    return {
        "id": item.item_id,
        "name": item.name,
        "description": item.description,
        "is_modifier": item.is_modifier,
        "items_modified": list(item.modifies_item_ids),
        "barcodes": list(item.barcodes),
        "external_ids": told,
    }


def as_table(catalog: Catalog, separator: str = ",", newline: str = "\r\n") -> str:
    """Write a catalog as a table, items before the categories that they name."""
    parents = {child: category.key for category in catalog.categories for child in category.category_ids}
    text = io.StringIO()
    # Python before 3.13 quotes a line end within a field only if it is the one of the table.
    if newline == "\r\n":
        writer = csv.writer(text, delimiter=separator, lineterminator=newline)
    else:
        writer = csv.writer(text, delimiter=separator, lineterminator=newline, quoting=csv.QUOTE_ALL)
    columns = "item_id,category_id,name,description,sku,is_modifier,modifies_item_ids,barcodes,parent_category_id"
    writer.writerow(columns.split(","))
    for item in catalog.items:
        within = "|".join(category.key for category in catalog.categories if item.key in category.item_ids)
        modified = "|".join(item.modifies_item_ids)
        truth = "true" if item.is_modifier else ""
        writer.writerow(
            [item.key, within, item.name, item.description, item.sku, truth, modified, "|".join(item.barcodes), ""]
        )
    for category in catalog.categories:
        parent = parents.get(category.key, "")
        writer.writerow(["", category.key, category.name, category.description, "", "", "", "", parent])
    return text.getvalue()


def as_file(value: Any) -> io.BytesIO:
    """Give a file with the JSON of a value, or with a text as it is."""
    text = value if isinstance(value, str) else json.dumps(value)
    return io.BytesIO(text.encode())
