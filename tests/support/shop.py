"""A small made-up catalog and its employees."""

from dataclasses import replace
from pathlib import Path

from store_agent.domain.catalog import Catalog, Category, Item
from store_agent.domain.employees import Employee

ITEMS = (
    Item("1001", "Standing Hill Riesling Ice Wine", sku="RIE-12-0001", barcodes=("4000000000014", "0012345678905")),
    Item("1002", "Iced Tea", sku="TEA-1", description="Goes well with wine cake"),
    Item("1003", "Crème brûlée", sku="DES-7", description="Dessert à la vanille"),
    Item("1004", "Müsli Größe M", sku="MUE-9", external_ids=(("POSKey", "1004"), ("SKU", "MUE-9"))),
    Item("1005", "Wine gums", barcodes=("4000000000021",)),
    Item("1006", "Ginger", description="A root"),
    Item("2001", "Extra cream", is_modifier=True, modifies_item_ids=("1003", "1002")),
    Item("2002", "Gift wrap", is_modifier=True, modifies_item_ids=("1001",)),
    Item("2003", "No modifier", modifies_item_ids=("1001",)),
)
CATEGORIES = (
    Category("C-DRINKS", "Drinks", category_ids=("C-WINE", "C-TEA")),
    Category("C-SWEETS", "Sweets", description="All that is sweet", item_ids=("1005", "1003")),
    Category("C-WINE", "Vins blancs", category_ids=("C-ICE",)),
    Category("C-TEA", "Tea", item_ids=("1002",)),
    Category("C-ICE", "Eisweine", item_ids=("1001",), external_ids=(("POSKey", "C-ICE"),)),
)
SHOP = Catalog(CATEGORIES, ITEMS)

EMPLOYEES = (
    Employee("17", "Ada", "Ångström"),
    Employee("4", "Bo", "Adams", start_date="2024-01-01T00:00:00.000Z"),
    Employee("9", "Çağla", "Müller", start_date="2024-01-01T00:00:00.000Z", end_date="2024-06-30T23:59:59.999Z"),
)


def renamed(name: str, count: int = 300) -> Catalog:
    """Make a catalog in which every item and category has the same name, so that a mix would show."""
    items = tuple(Item(f"{number:05}", name) for number in range(count))
    return Catalog((Category("ALL", name, item_ids=tuple(item.item_id for item in items)),), items)


def with_item(catalog: Catalog, item: Item) -> Catalog:
    """Put an item in place of the one of its id."""
    return replace(catalog, items=tuple(item if item.item_id == old.item_id else old for old in catalog.items))


def names(directory: Path) -> list[str]:
    """Give the names of the files in a directory."""
    return sorted(path.name for path in directory.iterdir())
