"""Watches the room on the disk: refuses sales in time, keeps and gives up the reserve, makes room (G12)."""

import contextlib
from collections import deque
from pathlib import Path
from typing import Protocol

from store_agent.clock import Clock
from store_agent.domain.events import Event, Tell
from store_agent.domain.space import Levels, Outlook, Room, look_ahead, plan, words
from store_agent.domain.summary import count
from store_agent.storage.reserve import Reserve, free_bytes
from store_agent.storage.usage import Used, journal_bytes

RATE_SECONDS = 3_600.0
"""How far back the present rate of sales looks."""

SALE_BYTES = 6_000
"""What a sale takes before enough were taken to measure it."""

MEASURED_ROWS_MIN = 500

GROWTH = 3
"""A sale is written to the journal, to the database, and once more into the request that carries it."""


class Usage(Protocol):
    """The database, as far as its size goes."""

    async def measure(self) -> Used:
        """Tell what is used."""
        ...

    async def shed(self) -> int:
        """Drop texts of settled revisions; gives how many."""
        ...

    async def give_back(self) -> None:
        """Give free pages back to the disk."""
        ...


class Copies(Protocol):
    """The backups."""

    def thin(self) -> int:
        """Delete all but the newest where that makes room; gives how many."""
        ...


class SpaceWatch:
    """A chore; `full` and `outlook` can be asked at any time."""

    def __init__(
        self, directory: Path, levels: Levels, usage: Usage, copies: Copies, *, clock: Clock, tell: Tell
    ) -> None:
        self._directory = directory
        self._levels = levels
        self._usage = usage
        self._copies = copies
        self._clock = clock
        self._tell = tell
        self._reserve = Reserve(directory, levels.reserve)
        self._taken: deque[tuple[float, int]] = deque()
        self._admitted = 0
        self.room = Room.PLENTY
        self.free = 0
        self.outlook: Outlook | None = None

    @property
    def full(self) -> bool:
        """Tell whether sales must be refused."""
        return self.room is Room.FULL

    def admit(self, size: int) -> bool:
        """Tell whether so many bytes of sales may be taken; looks again when much was taken since the last look."""
        if self.full:
            return False
        self._admitted += size * GROWTH
        if self._admitted > self._levels.refuse // 4:
            with contextlib.suppress(OSError):
                self.look()
        return not self.full

    @property
    def words(self) -> str:
        """Tell a manager about the room; empty when there is plenty."""
        return words(self.room, self.free, self._needed, self.outlook)

    @property
    def reserved(self) -> int:
        """Return how many bytes are kept for sending."""
        return self._levels.reserve if self._reserve.held else 0

    def look(self) -> None:
        """Look at the disk and act at once. Raises OSError."""
        self._admitted = 0
        self.free = self._free()
        decided = plan(self.room, self.free, self._levels, reserve=self._reserve.held)
        if decided.reserve:
            self._reserve.take()
        else:
            self._reserve.give()
        self._become(decided.room)

    def filled(self) -> None:
        """Hear that a write found no room: whatever the numbers say, it is full until the next look."""
        self._reserve.give()
        self.free = self._free()
        self._become(Room.FULL)

    async def run_once(self) -> None:
        """Look, make room if there is none, and measure. Raises Busy, StorageFailure or OSError."""
        self.look()
        if self.full:
            await self._make_room()
            self.look()
        await self.measure()

    async def _make_room(self) -> None:
        """Give back what is free in the database; then older backups and texts of settled sales go, as needed."""
        await self._usage.give_back()
        if self._free() < self._needed and (thinned := self._copies.thin()):
            said = f"{count(thinned, 'older backup was', 'older backups were')} deleted to make room; the last stays."
            self._tell(Event("space.thinned", said, {"backups": thinned}))
        dropped = 0
        while self._free() < self._needed:
            step = await self._usage.shed()
            if not step:
                break
            dropped += step
            await self._usage.give_back()
        if dropped:
            said = f"The texts of {dropped:,} settled sales were dropped to make room; they stay in the books."
            self._tell(Event("space.shed", said, {"sales": dropped}))

    @property
    def _needed(self) -> int:
        return self._levels.returns + self._levels.reserve - self.reserved

    def _free(self) -> int:
        """Return what is free once the journal is folded into the database, which may have to grow as much for it."""
        return max(0, free_bytes(self._directory) - journal_bytes(self._directory))

    def _become(self, room: Room) -> None:
        was, self.room = self.room, room
        if was is not room:
            said = self.words or "There is room on the disk again; sales are taken."
            self._tell(Event(f"space.{room.value}", said, {"was": was.value, "free_bytes": self.free}))

    async def measure(self) -> None:
        """Learn what a sale takes, and how fast they come. Raises StorageFailure."""
        used = await self._usage.measure()
        now = self._clock.monotonic()
        self._taken.append((now, used.newest))
        while self._taken[0][0] < now - RATE_SECONDS:
            self._taken.popleft()
        since, newest = self._taken[0]
        rate = (used.newest - newest) / (now - since) if now > since else 0.0
        size = used.size // used.rows if used.rows >= MEASURED_ROWS_MIN else SALE_BYTES
        self.outlook = look_ahead(self.free, self._levels, max(1, size), rate)
