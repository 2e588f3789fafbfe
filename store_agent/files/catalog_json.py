"""Catalogs in JSON: the flat form of the POS API and the tree of Product Catalog v3.

Source: SessionM POS API, Upload Catalog (`{"items": [...]}`, alone or as the `request_payload` of a request); SM Sync
Data Importers Guide, Product Catalog (`{"nodes": [...]}`, in the sample in a list).
"""

from collections.abc import Iterator
from typing import Any

from store_agent.domain.catalog import Catalog, Category, Item
from store_agent.domain.catalog_check import Origins
from store_agent.domain.content import merged
from store_agent.domain.problems import Problems
from store_agent.errors import BadInput
from store_agent.files.entries import API_NAMES, V3_NAMES, read_category, read_item, read_node
from store_agent.files.gathered import CatalogFile, Gathered
from store_agent.files.json_stream import JsonStream
from store_agent.files.members import Members
from store_agent.files.source import UNREADABLE

_UNKNOWN = "The file holds no catalog: it has neither items (POS API) nor nodes (Product Catalog v3)."
_EMPLOYEES = "The file holds employees and no catalog; import it as employees."


def read_catalog_json(stream: JsonStream) -> CatalogFile:
    """Read a catalog in either form. Raises BadInput for what is not JSON or holds no catalog."""
    reader = _Reader(stream)
    if stream.peek() == "[":
        for number in stream.elements():
            reader.root(f"{number}.")
    else:
        reader.root("")
    stream.end()
    return reader.finish()


class _Reader:
    """Gathers what the stream gives, in the order of the file."""

    def __init__(self, stream: JsonStream) -> None:
        self._stream = stream
        self._categories: Gathered[Category] = Gathered()
        self._items: Gathered[Item] = Gathered()
        self._known: dict[str, int] = {}
        self._problems = Problems()
        self._forms: set[str] = set()

    def root(self, at: str) -> None:
        """Read the object around a catalog; `at` is its path with a trailing dot, or empty."""
        if self._stream.peek() != "{":
            raise BadInput(UNREADABLE, _UNKNOWN)
        for name in self._stream.members():
            if name == "items" and self._list(at, name):
                self._flat(f"{at}items.")
            elif name == "nodes" and self._list(at, name):
                self._nodes(f"{at}nodes.")
            elif name == "request_payload" and self._stream.peek() == "{":
                self.root(f"{at}{name}.")
            else:
                self._forms.add(name)
                self._stream.skip()

    def finish(self) -> CatalogFile:
        """Give the catalog, if there was one."""
        if not self._forms & {"items", "nodes"}:
            raise BadInput(UNREADABLE, _EMPLOYEES if "employees" in self._forms else _UNKNOWN)
        return CatalogFile(
            Catalog(tuple(self._categories.entries), tuple(self._items.entries)),
            Origins(self._categories.places, self._items.places),
            self._problems,
            V3_NAMES if "nodes" in self._forms else API_NAMES,
        )

    def _list(self, at: str, name: str) -> bool:
        """Tell whether a list comes next; anything else is a problem, but null where a node has no such children."""
        self._forms.add(name)
        mark = self._stream.peek()
        if mark != "[" and (mark != "n" or name in ("items", "nodes")):
            self._problems.add(at.removesuffix("."), name, "must be a list")
        return mark == "["

    def _objects(self, within: str) -> Iterator[tuple[int, Members]]:
        for number in self._stream.elements():
            if members := self._object(within, number, self._stream.value()):
                yield number, members

    def _object(self, within: str, number: int, value: Any) -> Members | None:
        where = f"{within}{number}"
        if isinstance(value, dict):
            return Members(value, where, self._problems)
        self._problems.add(within.removesuffix("."), str(number), "must be an object")
        return None

    def _flat(self, within: str) -> None:
        for number, members in self._objects(within):
            item, category = members.has("item_id"), members.has("category_id")
            if item and category:
                members.refuse("item_id", "stands beside category_id; an entry is one or the other")
            elif category:
                self._categories.add(read_category(members), within, number)
            elif item:
                self._items.add(read_item(members), within, number)
            else:
                members.refuse("item_id", "is missing, and so is category_id; one of them must be there")

    def _nodes(self, within: str) -> tuple[str, ...]:
        """Read a list of nodes; gives their ids, each once: the check tells of nodes that share one."""
        ids = []
        for number in self._stream.elements():
            if self._stream.peek() == "{":
                ids.append(self._node(within, number))
            else:
                self._object(within, number, self._stream.value())
        return tuple(dict.fromkeys(known for known in ids if known))

    def _node(self, within: str, number: int) -> str:
        """Read one node and all below it; its place is kept free, so that parents stand before their children."""
        position = len(self._categories.entries)
        self._categories.add(Category("", ""), within, number)
        at = f"{within}{number}."
        values: dict[str, Any] = {}
        category_ids: tuple[str, ...] = ()
        item_ids: tuple[str, ...] = ()
        for name in self._stream.members():
            if name == "subcategories" and self._list(at, name):
                category_ids = self._nodes(f"{at}subcategories.")
            elif name == "children" and self._list(at, name):
                item_ids = self._children(f"{at}children.")
            else:
                values[name] = self._stream.value()
        category = read_node(Members(values, f"{within}{number}", self._problems), category_ids, item_ids)
        self._categories.entries[position] = category
        return category.category_id

    def _children(self, within: str) -> tuple[str, ...]:
        """Read the items below a node; gives their ids."""
        ids = []
        for number, members in self._objects(within):
            item = read_item(members, V3_NAMES)
            if not self._stands_already(item):
                self._known.setdefault(item.item_id, len(self._items.entries))
                self._items.add(item, within, number)
            ids.append(item.item_id)
        return tuple(known for known in ids if known)

    def _stands_already(self, item: Item) -> bool:
        """Put an item into one that stands elsewhere, too; not if they contradict each other, or have no id."""
        earlier = self._known.get(item.item_id)
        if earlier is None or not item.item_id:
            return False
        same = merged(self._items.entries[earlier], item)
        if same is not None:
            self._items.entries[earlier] = same
        return same is not None
