"""What the API needs of the catalog, the employees, and what brings them in."""

from collections.abc import Collection, Mapping
from typing import Protocol

from store_agent.domain.catalog import Item
from store_agent.domain.employees import Employee
from store_agent.domain.uploads import Kind, Pushed
from store_agent.storage.catalog.entries import Branch
from store_agent.storage.catalog.file import Shelf
from store_agent.storage.history import Answer, Noted, Replaced, Version
from store_agent.storage.uploads import Upload
from store_agent.storage.words import Found


class Stage(Protocol):
    """How far an import is: 0 of 0 while the file is read and checked."""

    @property
    def done(self) -> int:
        """Entries done."""
        ...

    @property
    def total(self) -> int:
        """Entries to do."""
        ...


class Imports(Protocol):
    """Where a new catalog or list of employees is taken."""

    @property
    def stages(self) -> Mapping[Kind, Stage]:
        """What is being imported now."""
        ...

    async def take(self, kind: Kind, content: bytes, source: str) -> tuple[Replaced, Pushed]:
        """Put it in place of what is kept."""
        ...

    async def push(self, kind: Kind) -> Pushed:
        """Have what is kept uploaded again."""
        ...


class Uploads(Protocol):
    """Where uploads wait for the platform, and what became of them."""

    async def last(self, call: str) -> Upload | None:
        """Give the newest of a kind."""
        ...


class CatalogShelf(Protocol):
    """The catalog as it is asked."""

    @property
    def trouble(self) -> str | None:
        """Why there is none, in words for a manager."""
        ...

    def current(self) -> Version | None:
        """Which one it is."""
        ...

    async def item(self, item_id: str) -> Answer[Item | None]:
        """Give an item."""
        ...

    async def by_sku(self, sku: str) -> Answer[tuple[Item, ...]]:
        """Give the items of a SKU."""
        ...

    async def by_barcode(self, barcode: str) -> Answer[tuple[Item, ...]]:
        """Give the items of a barcode."""
        ...

    async def modifiers_of(self, item_id: str) -> Answer[tuple[Item, ...]]:
        """Give what modifies an item."""
        ...

    async def missing(self, item_ids: Collection[str]) -> Answer[frozenset[str]]:
        """Give those of some ids that no item has."""
        ...

    async def search(self, typed: str, limit: int) -> Answer[Found[Item]]:
        """Search."""
        ...

    async def roots(self, limit: int, after: int) -> Answer[tuple[Branch, ...]]:
        """Give the categories that stand in no other."""
        ...

    async def category(self, category_id: str, limit: int, after: int) -> Answer[Shelf | None]:
        """Give a category."""
        ...

    async def versions(self) -> Answer[list[Version]]:
        """List versions."""
        ...

    async def changes(self, version: int, after: int, limit: int) -> Answer[list[Noted]]:
        """List what a version changed."""
        ...


class EmployeeShelf(Protocol):
    """The employees as they are asked."""

    @property
    def trouble(self) -> str | None:
        """Why there are none, in words for a manager."""
        ...

    def current(self) -> Version | None:
        """Which list it is."""
        ...

    async def employee(self, employee_id: str) -> Answer[Employee | None]:
        """Give an employee."""
        ...

    async def active_at(self, moment: str, limit: int, after: str) -> Answer[tuple[Employee, ...]]:
        """Give those who work here at a moment."""
        ...

    async def search(self, typed: str, limit: int) -> Answer[Found[Employee]]:
        """Search."""
        ...

    async def versions(self) -> Answer[list[Version]]:
        """List versions."""
        ...

    async def changes(self, version: int, after: int, limit: int) -> Answer[list[Noted]]:
        """List what a version changed."""
        ...
