"""What a store sells: items, the categories they stand in, and the modifiers that change them.

Source: SessionM POS API, Upload Catalog (Category, Item); SM Sync Data Importers Guide, Product Catalog. Barcodes and
external ids are kept for the store's own look-ups; the upload form does not know them. A field that was not given, was
null or was empty is None or the empty tuple, so that all file forms tell the same thing in one way.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that can be sold, named by the point of sale's own `item_id`.

    `external_ids` are pairs of type and id, in order of the type. `modifies_item_ids` means something only if
    `is_modifier` is set.
    """

    item_id: str
    name: str
    sku: str | None = None
    description: str | None = None
    barcodes: tuple[str, ...] = ()
    is_modifier: bool = False
    modifies_item_ids: tuple[str, ...] = ()
    external_ids: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        """What names the item."""
        return self.item_id


@dataclass(frozen=True, slots=True)
class Category:
    """A place in the catalog's tree, with its child categories and items in the order given."""

    category_id: str
    name: str
    description: str | None = None
    category_ids: tuple[str, ...] = ()
    item_ids: tuple[str, ...] = ()
    external_ids: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        """What names the category."""
        return self.category_id


@dataclass(frozen=True, slots=True)
class Catalog:
    """All categories and items of a store, in the order given, as told: `catalog_check` says whether it can be right.

    An item needs no category; a category that is no other's child is a root of the tree.
    """

    categories: tuple[Category, ...] = ()
    items: tuple[Item, ...] = ()
