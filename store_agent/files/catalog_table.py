"""Catalogs as tables, one line an item or a category.

    category_id,parent_category_id,item_id,sku,barcodes,name,description,is_modifier,modifies_item_ids
    C1,,,,,Drinks,,,
    C2,C1,,,,Juices,Cold and fresh,,
    C2,,4711,J-1,4006381333931,Apple juice,,,
    ,,4712,,,No ice,,true,4711

A line with an `item_id` is an item; its `category_id` names where it stands. A line without is the category
`category_id`; its `parent_category_id` names where that stands. `name` must be there, and one of the ids; the others
may be left out, and columns may stand in any order. Several barcodes, modified items, or categories of an item are
separated by `|`.
"""

from collections.abc import Iterable

from store_agent.domain.catalog import Catalog, Category, Item
from store_agent.domain.catalog_check import Origins
from store_agent.domain.jsontext import clip
from store_agent.domain.problems import Problems
from store_agent.errors import BadInput
from store_agent.files.gathered import CatalogFile, Gathered
from store_agent.files.members import shared_id
from store_agent.files.source import UNREADABLE
from store_agent.files.table import LINE, Row, Table

COLUMNS = (
    "category_id",
    "parent_category_id",
    "item_id",
    "sku",
    "barcodes",
    "name",
    "description",
    "is_modifier",
    "modifies_item_ids",
)
_NAMES = {"category_ids": "category_id", "item_ids": "item_id"}
_TRUTHS = {"": False, "false": False, "no": False, "0": False, "true": True, "yes": True, "1": True}


def read_catalog_table(table: Table, problems: Problems) -> CatalogFile:
    """Read a catalog. Raises BadInput if columns are missing that must be there."""
    if "employee_id" in table.columns:
        raise BadInput(UNREADABLE, "The file holds employees and no catalog; import it as employees.")
    if "name" not in table.columns or not {"item_id", "category_id"} & table.columns.keys():
        known = ", ".join(COLUMNS)
        words = "The first line must name the columns, with name and item_id or category_id among them; known are "
        raise BadInput(UNREADABLE, f"{words}{known}.")
    reader = _Reader(problems)
    for row in table.rows():
        reader.row(row)
    return reader.finish(table.unused(frozenset(COLUMNS)))


class _Place:
    """What stands in a category, by the lines that name it; `line` is the first of them."""

    __slots__ = ("category_ids", "item_ids", "line", "named_in")

    def __init__(self, line: int, named_in: str) -> None:
        self.line = line
        self.named_in = named_in
        self.category_ids: dict[str, None] = {}
        self.item_ids: dict[str, None] = {}


class _Reader:
    """Gathers the lines, in the order of the table."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._categories: Gathered[Category] = Gathered()
        self._items: Gathered[Item] = Gathered()
        self._places: dict[str, _Place] = {}

    def row(self, row: Row) -> None:
        """Take one line."""
        if row["item_id"]:
            self._item(row)
        elif row["category_id"]:
            self._category(row)
        else:
            self._problems.add(f"{LINE}{row.line}", "item_id", "is empty, and so is category_id")

    def finish(self, unused: tuple[str, ...]) -> CatalogFile:
        """Give the catalog."""
        categories = tuple(self._with_children(category) for category in self._categories.entries)
        for name, place in self._places.items():
            reason = f"names the category {clip(name)!r}, which the table does not have"
            self._problems.add(f"{LINE}{place.line}", place.named_in, reason)
        return CatalogFile(
            Catalog(categories, tuple(self._items.entries)),
            Origins(self._categories.places, self._items.places),
            self._problems,
            _NAMES,
            unused,
        )

    def _with_children(self, category: Category) -> Category:
        """Put into a category what named it; of lines with one id, which the check tells of, into the first."""
        place = self._places.pop(category.category_id, None)
        if place is None:
            return category
        children = tuple(place.category_ids), tuple(place.item_ids)
        return Category(category.category_id, category.name, category.description, *children)

    def _item(self, row: Row) -> None:
        item_id = shared_id(row["item_id"])
        item = Item(
            item_id=item_id,
            name=row["name"],
            sku=row["sku"] or None,
            description=row["description"] or None,
            barcodes=tuple(dict.fromkeys(row.several("barcodes"))),
            is_modifier=self._truth(row),
            modifies_item_ids=_ids(row.several("modifies_item_ids")),
        )
        self._items.add(item, LINE, row.line)
        for category_id in row.several("category_id"):
            self._place(category_id, row, "category_id").item_ids[item_id] = None

    def _category(self, row: Row) -> None:
        category_id = shared_id(row["category_id"])
        self._categories.add(Category(category_id, row["name"], row["description"] or None), LINE, row.line)
        if parent := row["parent_category_id"]:
            self._place(parent, row, "parent_category_id").category_ids[category_id] = None

    def _place(self, category_id: str, row: Row, named_in: str) -> _Place:
        place = self._places.get(category_id)
        if place is None:
            place = self._places[category_id] = _Place(row.line, named_in)
        return place

    def _truth(self, row: Row) -> bool:
        told = _TRUTHS.get(row["is_modifier"].lower())
        if told is None:
            self._problems.add(f"{LINE}{row.line}", "is_modifier", "must be true or false")
        return bool(told)


def _ids(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(shared_id(text) for text in texts)
