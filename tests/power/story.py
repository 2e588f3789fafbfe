"""A store's life on a recorded disk, as chance wants it: sales, requests, answers, purges, backups; and its ledger."""

import asyncio
import itertools
import threading
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from store_agent.clock import SystemClock
from store_agent.domain.batch import BatchLimits, FrozenBatch, pieces
from store_agent.domain.settle import Deliver, Keep, Park, Split
from store_agent.storage import sqlite
from store_agent.storage.ahead import Ahead
from store_agent.storage.backup import Backups
from store_agent.storage.database import Database, open_database
from store_agent.storage.intake import Arrival, Intake
from store_agent.storage.outbox import Outbox
from store_agent.storage.retention import Limit, Retention
from tests.power.connection import ApswConnection
from tests.power.ledger import Ledger
from tests.power.recording import RecordedDisk, Recording, recorded_calls
from tests.support.arrivals import arrival, assemble
from tests.support.sales import payment

LIMITS = BatchLimits(count_max=5)
GROUP_SALES_MAX = 12
BACKUPS_MAX = 1_000
"""More than a story makes, so that none is deleted again."""

_ANY = 2**62
_SETTLED = "SELECT sequence FROM revision WHERE state IN ('delivered', 'superseded', 'discarded') AND sequence < ?"


class Story:
    """Does what the tills and the drain would do; the ledger hears what was answered, and when."""

    def __init__(self, database: Database, ledger: Ledger, chance: Random) -> None:
        self._intake = Intake(database, SystemClock(), self._mint)
        self._ahead = Ahead(database, SystemClock(), self._mint)
        self._outbox = Outbox(database, SystemClock())
        self._database = database
        self._retention = Retention(database)
        directory = ledger.recording.directory
        self._backups = Backups(directory, directory, keep=BACKUPS_MAX, free_min=0)
        self._ledger = ledger
        self._chance = chance
        self._frozen: list[FrozenBatch] = []
        self._names: list[str] = []
        self._numbers = itertools.count(1)

    async def go_on(self, steps: int) -> None:
        """Live through so many steps."""
        for _ in range(steps):
            await self._chance.choices(_STEPS, _WEIGHTS)[0](self)

    async def _sell(self) -> None:
        await self._take([self._arrival()])

    async def _sell_together(self) -> None:
        """Sales that share commits, and a call of several."""
        calls = [[self._arrival() for _ in range(self._chance.randint(1, 3))] for _ in range(GROUP_SALES_MAX // 2)]
        await asyncio.gather(*(self._take(call) for call in calls))

    def _mint(self) -> str:
        return str(uuid.UUID(int=self._chance.getrandbits(128)))

    async def _mint_ahead(self) -> None:
        """Codes for a sale that comes later, never, or came before."""
        name, payments = self._name(), self._chance.choice([(), ("P1", "P2")])
        self._ledger.minted(name, payments, await self._ahead.codes("lane-1", name, payments))

    async def _take(self, arrivals: Sequence[Arrival]) -> None:
        accepted = await self._intake.accept(arrivals)
        self._ledger.answered(arrivals, accepted)

    async def _freeze(self) -> None:
        frozen = await self._outbox.freeze(2, LIMITS, assemble)
        self._ledger.may_leave(frozen)
        self._frozen += frozen

    async def _settle(self) -> None:
        if not self._frozen:
            return
        batch = self._frozen.pop(self._chance.randrange(len(self._frozen)))
        decision = self._decision(batch)
        if isinstance(decision, Keep):
            await self._outbox.settle(batch, decision, assemble)
            self._frozen.append(batch)
            return
        self._ledger.answer_came(batch)
        parts = await self._outbox.settle(batch, decision, assemble)
        self._ledger.settled(batch, decision)
        self._ledger.may_leave(parts)
        self._frozen += parts

    async def _purge(self) -> None:
        """Let go of all that is settled, but for the newest sale."""
        newest, _ = await self._outbox.extent()
        settled = await self._database.read(lambda raw: raw.execute(_SETTLED, (newest,)).fetchall())
        self._ledger.purge_begins([sequence for (sequence,) in settled])
        await self._retention.purge(Limit(newest - 1, _ANY), lived=0)
        await self._retention.give_back()

    async def _back_up(self) -> None:
        made = await asyncio.to_thread(self._backups.make, 0.0, threading.Event())
        self._ledger.backed_up(made.path.name)

    def _decision(self, batch: FrozenBatch) -> Deliver | Keep | Park | Split:
        drawn = self._chance.random()
        if drawn < 0.2:
            return Keep("no answer", "")
        if drawn < 0.5:
            return Park("refused", "said") if len(batch.members) == 1 else Split(tuple(pieces(batch.members)), "no", "")
        return Deliver("accepted")

    def _arrival(self) -> Arrival:
        """A new sale, or a new state of one before; sometimes with two payments and so two codes."""
        name = self._name()
        fields: dict[str, Any] = {
            "custom_data": {"number": next(self._numbers), "note": "x" * self._chance.randint(0, 3_000)}
        }
        if self._chance.random() < 0.3:
            fields["payments"] = [payment("P1", amount=5.0), payment("P2", amount=5.7)]
        return arrival(name, **fields)

    def _name(self) -> str:
        """Give the name of a new sale, or of one before."""
        if self._names and self._chance.random() < 0.2:
            return self._chance.choice(self._names)
        self._names.append(f"T-{next(self._numbers):04}")
        return self._names[-1]


_STEPS: list[Callable[[Story], Awaitable[None]]] = [
    Story._sell,
    Story._sell_together,
    Story._mint_ahead,
    Story._freeze,
    Story._settle,
    Story._purge,
    Story._back_up,
]
_WEIGHTS = [8, 4, 3, 6, 10, 1, 1]


@asynccontextmanager
async def recorded_database(recording: Recording) -> AsyncIterator[Database]:
    """Open the directory of the recording with the product's own code, over a disk that notes everything."""
    disk = RecordedDisk(recording)

    def connect(path: str, **_: Any) -> ApswConnection:
        return ApswConnection(path, disk.name)

    with pytest.MonkeyPatch.context() as patch, recorded_calls(recording):
        patch.setattr(sqlite, "connect", connect)
        async with open_database(recording.directory, SystemClock()) as database:
            yield database
    disk.unregister()


async def live(directory: Path, seed: int, steps: int) -> Ledger:
    """Live through a story in an empty directory, from its first opening to its close."""
    recording = Recording(directory)
    ledger = Ledger(recording)
    async with recorded_database(recording) as database:
        await Story(database, ledger, Random(seed)).go_on(steps)  # noqa: S311 - stories must repeat, not surprise
    return ledger
