"""What is kept in step, and the form in which it goes up."""

from collections.abc import Iterator
from typing import NamedTuple

from store_agent.domain.uploads import Kind
from store_agent.files.uploads import catalog_payload, employees_payload
from store_agent.storage.catalog.file import CatalogFile, Stored
from store_agent.storage.employees import EmployeesFile


class Written(NamedTuple):
    """The payload of an upload; None if there is nothing to upload, or it is larger than was allowed."""

    payload: str | None
    size: int


class Shelves:
    """The catalog and the employees of the store."""

    def __init__(self, catalog: CatalogFile, employees: EmployeesFile) -> None:
        self.catalog = catalog
        self.employees = employees

    async def close(self) -> None:
        """Close both."""
        await self.catalog.close()
        await self.employees.close()

    async def write(self, kind: Kind, bytes_max: int) -> Written:
        """Write what is kept as an upload of at most so many bytes. Raises StorageFailure."""
        if kind is Kind.CATALOG:
            if self.catalog.current() is None:
                return Written(None, 0)
            return (
                await self.catalog.load(
                    lambda kept: _joined(catalog_payload(kept.categories(), kept.items()), bytes_max)
                )
            ).value
        if self.employees.current() is None:
            return Written(None, 0)
        return (await self.employees.load(lambda kept: _joined(employees_payload(kept), bytes_max))).value


def _catalog(bytes_max: int, kept: Stored) -> Written:
    return _joined(catalog_payload(kept.categories(), kept.items()), bytes_max)


def _joined(pieces: Iterator[str], bytes_max: int) -> Written:
    parts: list[str] = []
    size = 0
    for piece in pieces:
        size += len(piece.encode())
        if size <= bytes_max:
            parts.append(piece)
        else:
            parts.clear()
    return Written("".join(parts) if size <= bytes_max else None, size)
