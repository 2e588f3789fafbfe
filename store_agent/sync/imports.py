"""Taking a new catalog or list of employees: read, checked whole, swapped in, handed over for upload."""

import asyncio
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass

from store_agent.domain.uploads import Kind, Pushed
from store_agent.files.loading import load_catalog, load_employees
from store_agent.files.source import is_json
from store_agent.storage.history import Replaced
from store_agent.storage.portions import Progress
from store_agent.sync.shelves import Shelves
from store_agent.sync.uploads import Uploads

UPLOAD_WORDS = {
    Pushed.QUEUED: "It goes to the platform as soon as the line allows.",
    Pushed.UNCHANGED: "The platform has, or gets, the same already.",
    Pushed.NONE: "There is nothing to upload.",
    Pushed.TOO_LARGE: "It is larger than catalog.upload_bytes_max allows and is not sent to the platform.",
    Pushed.NO_ROOM: "The disk is too full to send it to the platform; it goes later by itself.",
    Pushed.OFF: "Uploads are switched off (catalog.upload).",
}
"""What became of an upload, for a manager."""

HEAD_BYTES = 65_536
"""Where a file must say what it is: looking through all of a large one would hold up the sales."""

_FIRST_LIST = re.compile(rb'"(employees|items|nodes)"\s*:\s*\[')
_EMPLOYEE_ID = re.compile(rb"\bemployee[ _]+id\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Stage:
    """How far an import is: entries done, of all; 0 of 0 while the file is read and checked."""

    done: int = 0
    total: int = 0


class Imports:
    """Takes files in any form that is known. Raises BadInput with all that is wrong, StorageFailure."""

    def __init__(self, shelves: Shelves, uploads: Uploads) -> None:
        self._shelves = shelves
        self._uploads = uploads
        self._stages: dict[Kind, Stage] = {}

    @property
    def stages(self) -> Mapping[Kind, Stage]:
        """Tell what is being imported now, and how far it is."""
        return self._stages

    async def take(self, kind: Kind, content: bytes, source: str) -> tuple[Replaced, Pushed]:
        """Put what a file holds in place of what is kept. What cannot be right changes nothing."""
        self._stages[kind] = Stage()
        try:
            return await self._replace(kind, content, source), await self._uploads.push(kind)
        finally:
            self._stages.pop(kind, None)

    async def push(self, kind: Kind) -> Pushed:
        """Hand over what is kept for upload, whether it has changed or not."""
        return await self._uploads.push(kind, again=True)

    async def _replace(self, kind: Kind, content: bytes, source: str) -> Replaced:
        progress = self._progress(kind)
        if kind is Kind.CATALOG:
            catalog = (await asyncio.to_thread(load_catalog, io.BytesIO(content))).catalog
            return await self._shelves.catalog.replace(catalog, source, progress=progress)
        employees = (await asyncio.to_thread(load_employees, io.BytesIO(content))).employees
        return await self._shelves.employees.replace(employees, source, progress=progress)

    def _progress(self, kind: Kind) -> Progress:
        def note(done: int, total: int) -> None:  # on the thread that works
            self._stages[kind] = Stage(done, total)

        return note


def kind_of(content: bytes) -> Kind:
    """Tell what a file is meant as, by its content: employees if it says so, else a catalog.

    JSON says so by the list that comes first, a table by a column `employee_id`. Raises BadInput if it is empty.
    """
    head = content[:HEAD_BYTES]
    if is_json(io.BytesIO(head)):
        first = _FIRST_LIST.search(head)
        employees = first is not None and first[1] == b"employees"
    else:
        employees = _EMPLOYEE_ID.search(head.lstrip().splitlines()[0]) is not None
    return Kind.EMPLOYEES if employees else Kind.CATALOG
