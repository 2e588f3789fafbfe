"""Items, categories and employees as JSON objects, in the names of each form.

Source: SessionM POS API, Upload Catalog and Upload Employees; SM Sync Data Importers Guide, Product Catalog. No
form has a field for barcodes: `barcodes` (a list) and `barcode` are read from all, and external ids of usual types.
"""

from collections.abc import Mapping
from datetime import tzinfo

from store_agent.domain.catalog import Category, Item
from store_agent.domain.employees import Employee, read_end, read_start
from store_agent.files.members import Members

_POS_KEY = "POSKey"
_SKU = "SKU"
_BARCODES = frozenset({"barcode", "ean", "ean8", "ean13", "gtin", "isbn", "jan", "upc", "upca", "upce"})
"""Types of external ids that are barcodes, in lower case."""

API_NAMES: Mapping[str, str] = {}
V3_NAMES: Mapping[str, str] = {
    "item_id": "id",
    "modifies_item_ids": "items_modified",
    "category_ids": "subcategories",
    "item_ids": "children",
}
"""What a Product Catalog v3 file calls the fields that the POS API calls otherwise."""


def read_item(members: Members, names: Mapping[str, str] = API_NAMES) -> Item:
    """Read an item; `names` are those of the form, where they are not the POS API's."""
    item_id = members.identifier(names.get("item_id", "item_id"))
    external = members.pairs("external_ids")
    return Item(
        item_id=item_id,
        name=members.text("name"),
        sku=_sku(members, external),
        description=members.optional("description"),
        barcodes=_barcodes(members, external),
        is_modifier=members.truth("is_modifier"),
        modifies_item_ids=members.identifiers(names.get("modifies_item_ids", "modifies_item_ids")),
        external_ids=_others(members, external, item_id),
    )


def read_category(members: Members) -> Category:
    """Read a category of the flat form."""
    return read_node(members, members.identifiers("category_ids"), members.identifiers("item_ids"))


def read_node(members: Members, category_ids: tuple[str, ...], item_ids: tuple[str, ...]) -> Category:
    """Read a category whose children were read already."""
    category_id = members.identifier("category_id")
    return Category(
        category_id=category_id,
        name=members.text("name"),
        description=members.optional("description"),
        category_ids=category_ids,
        item_ids=item_ids,
        external_ids=_others(members, members.pairs("external_ids"), category_id),
    )


def read_employee(members: Members, zone: tzinfo) -> Employee:
    """Read an employee; days without a time are those of `zone`."""
    start, end = members.text("start_date").strip(), members.text("end_date").strip()
    start_date, end_date = read_start(start, zone), read_end(end, zone)
    for field, text, date in (("start_date", start, start_date), ("end_date", end, end_date)):
        if text and date is None:
            members.refuse(field, "is no date; write it like 2025-04-16 or 2025-04-16T10:20:00.000Z")
    return Employee(
        employee_id=members.identifier("employee_id"),
        first_name=members.text("first_name"),
        last_name=members.text("last_name"),
        start_date=start_date,
        end_date=end_date,
    )


def _sku(members: Members, external: tuple[tuple[str, str], ...]) -> str | None:
    """Give the SKU, which a file may tell as an external id, too (Product Catalog, external_ids)."""
    sku = members.optional("sku")
    also = next((value for kind, value in external if kind == _SKU), None)
    if sku is not None and also is not None and sku != also:
        members.refuse("sku", "is another than external_ids.SKU")
    return sku or also


def _barcodes(members: Members, external: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    told = [*members.identifiers("barcodes"), members.text("barcode")]
    told += [value for kind, value in external if kind.lower().replace("-", "").replace("_", "") in _BARCODES]
    return tuple(dict.fromkeys(code for code in told if code))


def _others(members: Members, external: tuple[tuple[str, str], ...], own_id: str) -> tuple[tuple[str, str], ...]:
    """Give the external ids that tell something new; POSKey must be the id itself, and SKU is the sku."""
    if any(kind == _POS_KEY and value != own_id for kind, value in external):
        members.refuse("external_ids", "has a POSKey that is another than the id")
    return tuple(pair for pair in external if pair[0] not in (_POS_KEY, _SKU))
