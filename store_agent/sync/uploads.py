"""Sending catalog and employees when their content has changed, and employees also routinely."""

from dataclasses import dataclass

from store_agent.domain.events import Event, Tell
from store_agent.domain.uploads import Kind, Pushed
from store_agent.sync.seams import Line, Outbox, Room
from store_agent.sync.shelves import Shelves


@dataclass(frozen=True, slots=True)
class UploadRules:
    """Whether anything is uploaded, and how many bytes the platform takes in one."""

    wanted: bool
    bytes_max: int


class Uploads:
    """Hands over what has changed."""

    def __init__(
        self, shelves: Shelves, outbox: Outbox, line: Line, room: Room, *, rules: UploadRules, tell: Tell
    ) -> None:
        self._shelves = shelves
        self._outbox = outbox
        self._line = line
        self._room = room
        self._rules = rules
        self._tell = tell

    async def push(self, kind: Kind, *, again: bool = False) -> Pushed:
        """Hand over what is kept, if its content has changed or it is wanted `again`. Raises Busy, StorageFailure."""
        if not self._rules.wanted:
            return Pushed.OFF
        payload, size = await self._shelves.write(kind, self._rules.bytes_max)
        if payload is None:
            return self._too_large(kind, size) if size else Pushed.NONE
        if not self._room.admit(size):
            return Pushed.NO_ROOM
        sequence = await self._outbox.put(kind.value, payload, again=again)
        if sequence is None:
            return Pushed.UNCHANGED
        self._line.wake(sequence)
        return Pushed.QUEUED

    def _too_large(self, kind: Kind, size: int) -> Pushed:
        words = (
            f"{kind.value} has {size:,} bytes, more than catalog.upload_bytes_max ({self._rules.bytes_max:,}), and is "
            "not sent. If the platform takes as many, set that to more; else ask the platform for another way."
        )
        self._tell(Event("upload.too_large", words, {"bytes": size}))
        return Pushed.TOO_LARGE


class ChangedChore:
    """A chore: what was not handed over when it was imported, by a full disk for example, goes now."""

    def __init__(self, uploads: Uploads) -> None:
        self._uploads = uploads

    async def run_once(self) -> None:
        """Hand over what has changed."""
        for kind in Kind:
            await self._uploads.push(kind)


class EmployeesChore:
    """A chore: employees go up now and then whether they have changed or not (SessionM POS API, Metadata)."""

    def __init__(self, uploads: Uploads) -> None:
        self._uploads = uploads

    async def run_once(self) -> None:
        """Hand over the employees again."""
        await self._uploads.push(Kind.EMPLOYEES, again=True)
