"""Stores with a past: databases as they lie on disk after different days, and what is true about them."""

import asyncio
import itertools
import tempfile
import uuid
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from store_agent.clock import SystemClock
from store_agent.domain.batch import BatchLimits, FrozenBatch
from store_agent.domain.lifecycle import State
from store_agent.domain.repair import Action, Deed
from store_agent.domain.settle import Deliver, Park
from store_agent.storage import sqlite
from store_agent.storage.connection import connect_bare
from store_agent.storage.database import FILE_NAME, Database, open_database
from store_agent.storage.intake import Intake
from store_agent.storage.marked import mark
from store_agent.storage.outbox import Outbox
from store_agent.storage.packing import unpack
from store_agent.storage.repair import Repair
from store_agent.storage.salvage.wal import PAGE_BYTES, read_wal
from store_agent.storage.terminals import Terminals
from tests.support.arrivals import another, arrival, assemble

CLOCK = SystemClock()
LIMITS = BatchLimits()

SENDABLE = (State.WAITING, State.HELD)


@dataclass
class Truth:
    """What is so: the revisions by sequence (transaction, text, state), receipt codes, frozen requests, terminals."""

    revisions: dict[int, tuple[str, bytes, str]]
    codes: dict[str, str]
    requests: dict[str, bytes]
    terminals: set[str]


@dataclass
class History:
    """A database as bytes, and the truth about it, now and before each of the last two commits of its journal."""

    name: str
    files: dict[str, bytes]
    truth: Truth
    earlier: list[Truth]
    key: str = ""

    def put(self, directory: Path) -> Path:
        """Lay the files down; gives the path of the database."""
        for name, content in self.files.items():
            (directory / name).write_bytes(content)
        path = directory / FILE_NAME
        mark(path.parent, self.key, salt=self.files[FILE_NAME][:16].hex() if self.key else "")
        return path


def read_truth(raw: sqlite.Connection) -> Truth:
    revisions = {
        sequence: (transaction, unpack(bytes(body)) or b"", state)
        for sequence, transaction, body, state in raw.execute(
            "SELECT revision.sequence, transaction_id, body, state FROM revision JOIN payload USING (sequence)"
        )
    }
    return Truth(
        revisions,
        dict(raw.execute("SELECT code, transaction_id FROM receipt_code").fetchall()),
        {
            name: unpack(body) or b""
            for name, body in raw.execute("SELECT request_id, body FROM batch WHERE state = 'frozen'")
        },
        {name for (name,) in raw.execute("SELECT name FROM terminal WHERE revoked_at IS NULL")},
    )


class Store:
    """Does to a database what an agent does."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.intake = Intake(database, CLOCK, lambda: str(uuid.uuid4()))
        self.outbox = Outbox(database, CLOCK)
        self.repair = Repair(database, CLOCK)

    async def sell(self, count: int, size: int = 0, terminal: str = "lane-1") -> None:
        for _ in range(count):
            name = f"T-{next(_names)}"
            await self.intake.accept([arrival(name, terminal=terminal, custom_data={"note": "x" * size})])

    async def freeze(self, batches: int) -> list[FrozenBatch]:
        return await self.outbox.freeze(batches, LIMITS, assemble)

    async def deliver(self, batches: int) -> None:
        for batch in await self.freeze(batches):
            await self.outbox.settle(batch, Deliver("ok"), assemble)

    async def park(self) -> None:
        (batch,) = await self.outbox.freeze(1, BatchLimits(count_max=1), assemble)
        await self.outbox.settle(batch, Park("refused", "no such employee"), assemble)

    async def revise(self, count: int) -> None:
        page = await self.outbox.page(0, 1_000)
        for row in page.rows[-count:]:
            await self.intake.accept([another(row.transaction_id)])

    async def hold(self, count: int) -> None:
        page = await self.outbox.page(0, 1_000)
        waiting = [row.sequence for row in page.rows if row.state is State.WAITING][:count]
        await self.repair.do(Deed(Action.HOLD, "somebody", "wait"), waiting)


_names = itertools.count(1)

Day = Callable[[Store], Coroutine[Any, Any, None]]


async def _open_store(store: Store) -> None:
    await Terminals(store.database, CLOCK, lambda: f"token-{next(_names)}").add("lane-1", "tester")
    await Terminals(store.database, CLOCK, lambda: f"token-{next(_names)}").add("lane-2", "tester")


async def _few_wait(store: Store) -> None:
    await store.sell(5)


async def _busy(store: Store) -> None:
    await store.sell(35)
    await store.deliver(2)
    await store.park()
    await store.freeze(1)
    await store.hold(2)
    await store.revise(15)


async def _drained(store: Store) -> None:
    await store.sell(60)
    await store.deliver(6)


async def _large(store: Store) -> None:
    await store.sell(12, size=9_000)
    await store.deliver(1)
    await store.freeze(1)
    await store.sell(3, size=30_000)


async def _purged(store: Store) -> None:
    await store.sell(80)
    await store.deliver(6)
    await store.database.write(_purge)
    await store.sell(5)
    await store.freeze(1)


def _purge(raw: sqlite.Connection) -> None:
    raw.execute("DELETE FROM revision WHERE state = 'delivered' AND sequence < 50")
    raw.execute("DELETE FROM batch WHERE number NOT IN (SELECT batch FROM revision WHERE batch IS NOT NULL)")


async def make(name: str, directory: Path, *, closed: tuple[Day, ...], running: tuple[Day, ...]) -> History:
    """Live through the closed days, each folded into the file, then through one that is still running."""
    for day in closed:
        async with open_database(directory, CLOCK) as database:
            await day(Store(database))
    if not running:
        return _history(name, directory)
    async with open_database(directory, CLOCK) as database:
        for day in running:
            await day(Store(database))
        return _history(name, directory)


def _history(name: str, directory: Path) -> History:
    files = {file.name: file.read_bytes() for file in sorted(directory.glob(FILE_NAME + "*"))}
    files.pop(FILE_NAME + "-shm", None)
    with tempfile.TemporaryDirectory() as folder:
        log = directory / (FILE_NAME + "-wal")
        commits = [frame.offset + PAGE_BYTES for frame in read_wal(log).frames if frame.size]
        truth = _truth_until(files, None, Path(folder))
        earlier = [_truth_until(files, end, Path(folder)) for end in (commits[-2:-1] + commits[-3:-2])]
    return History(name, files, truth, earlier)


def _truth_until(files: dict[str, bytes], end: int | None, directory: Path) -> Truth:
    for name, content in files.items():
        (directory / name).write_bytes(content[:end] if name.endswith("-wal") else content)
    return truth_of(directory / FILE_NAME)


def truth_of(path: Path, key: str = "") -> Truth:
    raw = connect_bare(path, key)
    try:
        return read_truth(raw)
    finally:
        raw.close()


DAYS: dict[str, tuple[tuple[Day, ...], tuple[Day, ...]]] = {
    "few wait, all in the journal": ((), (_open_store, _few_wait)),
    "few wait, closed": ((_open_store, _few_wait), ()),
    "busy, all in the journal": ((), (_open_store, _busy)),
    "busy, closed": ((_open_store, _busy), ()),
    "drained, then busy": ((_open_store, _drained), (_busy,)),
    "large texts": ((_open_store, _large), (_few_wait,)),
    "large texts in the journal": ((_open_store,), (_large, _busy)),
    "purged": ((_open_store, _purged), (_few_wait,)),
    "purged, closed": ((_open_store, _drained, _purged, _busy), ()),
}


def make_all(directory: Path) -> list[History]:
    made = []
    for number, (name, (closed, running)) in enumerate(DAYS.items()):
        own = directory / f"store-{number}"
        made.append(asyncio.run(make(name, own, closed=closed, running=running)))
    return made
