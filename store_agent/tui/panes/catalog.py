"""The catalog: which one, search, versions, and items of sales that it does not know."""

from typing import Any, ClassVar

from store_agent.tui.panes.shelf import ShelfPane


class CatalogPane(ShelfPane):
    """Items."""

    KIND: ClassVar[str] = "catalog"
    ONE: ClassVar[str] = "item"
    MANY: ClassVar[str] = "items"
    COLUMNS: ClassVar[tuple[tuple[str, int], ...]] = (("ITEM", 14), ("SKU", 14), ("NAME", 0))

    def rows(self, found: dict[str, Any]) -> list[tuple[str, tuple[Any, ...]]]:
        """Give the rows of what was found."""
        return [(item["item_id"], (item["item_id"], item["sku"] or "", item["name"] or "")) for item in found["items"]]
