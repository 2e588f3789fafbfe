"""Taking a new catalog or list of employees: read, checked whole, swapped in, handed over for upload."""

import asyncio
import io

from store_agent.domain.uploads import Kind, Pushed
from store_agent.files.loading import load_catalog, load_employees
from store_agent.storage.history import Replaced
from store_agent.sync.shelves import Shelves
from store_agent.sync.uploads import Uploads


class Imports:
    """Takes files in any form that is known. Raises BadInput with all that is wrong, StorageFailure."""

    def __init__(self, shelves: Shelves, uploads: Uploads) -> None:
        self._shelves = shelves
        self._uploads = uploads

    async def take(self, kind: Kind, content: bytes, source: str) -> tuple[Replaced, Pushed]:
        """Put what a file holds in place of what is kept. What cannot be right changes nothing."""
        if kind is Kind.CATALOG:
            catalog = (await asyncio.to_thread(load_catalog, io.BytesIO(content))).catalog
            replaced = await self._shelves.catalog.replace(catalog, source)
        else:
            employees = (await asyncio.to_thread(load_employees, io.BytesIO(content))).employees
            replaced = await self._shelves.employees.replace(employees, source)
        return replaced, await self._uploads.push(kind)

    async def push(self, kind: Kind) -> Pushed:
        """Hand over what is kept for upload, whether it has changed or not."""
        return await self._uploads.push(kind, again=True)
