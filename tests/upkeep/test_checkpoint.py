"""The journal stays short, and comes back from a reader that pins it."""

import random
import string
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from store_agent.clock import SystemClock
from store_agent.domain.events import Event
from store_agent.storage import sqlite
from store_agent.storage.database import FILE_NAME, Database, open_database
from store_agent.storage.intake import Intake
from store_agent.storage.outbox import Outbox
from store_agent.upkeep import checkpoint
from store_agent.upkeep.checkpoint import CheckpointChore
from tests.support.arrivals import arrival

_LETTERS = string.ascii_letters + string.digits + "+-"

CUT = 600_000
WARN = 1_500_000


def _text(number: int) -> str:
    """Make a text that packing leaves at more than 100,000 bytes."""
    return "".join(random.Random(number).choices(_LETTERS, k=140_000))  # noqa: S311 - only not to be packed


class Store:
    def __init__(self, database: Database, directory: Path) -> None:
        self.directory = directory
        self.database = database
        self.intake = Intake(database, SystemClock(), None)
        self.outbox = Outbox(database, SystemClock())
        self.events: list[str] = []
        self.chore = CheckpointChore(database, directory, self._hear)
        self._sold = 0

    def _hear(self, event: Event) -> None:
        self.events.append(event.name)

    @property
    def journal(self) -> int:
        return (self.directory / f"{FILE_NAME}-wal").stat().st_size

    async def sell(self, size: int) -> None:
        """Make the journal grow by more than `size` bytes."""
        before = self._sold
        while self._sold - before < size // 100_000 + 1:
            self._sold += 1
            await self.intake.accept([arrival(f"T-{self._sold}", custom_data={"text": _text(self._sold)})])


@pytest.fixture
async def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Store]:
    monkeypatch.setattr(checkpoint, "CUT_BYTES", CUT)
    monkeypatch.setattr(checkpoint, "WARN_BYTES", WARN)
    async with open_database(tmp_path, SystemClock()) as database:
        await database.fold()  # what making it wrote
        yield Store(database, tmp_path)


@pytest.fixture
def stranger(store: Store) -> sqlite.Connection:
    """Another program that reads: a shell, a copy in the making."""
    return sqlite.connect(str(store.directory / FILE_NAME), isolation_level=None)


def begin_reading(stranger: sqlite.Connection) -> None:
    stranger.execute("BEGIN")
    stranger.execute("SELECT count(*) FROM revision").fetchall()


async def test_a_long_journal_is_cut_and_a_short_one_left_alone_G11(store: Store) -> None:
    await store.sell(50_000)
    before = store.journal
    await store.chore.run_once()
    assert store.journal == before
    await store.sell(2 * CUT)
    assert store.journal > CUT
    await store.chore.run_once()
    assert store.journal == 0
    assert store.events == []


async def sell_much(store: Store, chore: Callable[[], Awaitable[None]]) -> None:
    # Commits fold nothing by themselves, so that only the chore is seen. Not in a transaction, hence not by `write`.
    await store.database._writing.run(lambda raw: raw.execute("PRAGMA wal_autocheckpoint = 0").fetchall())
    for _ in range(6):
        await store.sell(CUT)
        await chore()


async def test_the_journal_stays_bounded_over_many_sales_G11(store: Store) -> None:
    await sell_much(store, store.chore.run_once)
    assert store.journal <= 2 * CUT


async def test_a_journal_that_is_never_folded_would_be_noticed_G11(store: Store) -> None:
    """The control for the test above."""

    async def nothing() -> None:
        pass

    await sell_much(store, nothing)
    assert store.journal > 2 * CUT


async def test_a_stranger_that_keeps_reading_is_told_of_and_the_journal_comes_back_G11(
    store: Store, stranger: sqlite.Connection
) -> None:
    await store.sell(50_000)
    begin_reading(stranger)
    for _ in range(4):
        await store.sell(CUT)
        await store.chore.run_once()
    assert store.journal > WARN
    assert store.events == ["journal.pinned"]
    stranger.close()
    await store.chore.run_once()
    assert store.journal == 0
    assert store.events == ["journal.pinned", "journal.released"]


async def test_a_stranger_that_reads_does_not_make_sales_wait_G11(store: Store, stranger: sqlite.Connection) -> None:
    await store.sell(2 * CUT)
    begin_reading(stranger)
    await store.sell(2 * CUT)
    await store.database.fold()  # comes back at once, without having cut
    assert store.journal > 0
    await store.sell(1)
    stranger.close()


@pytest.mark.parametrize(
    "look",
    [
        lambda store: store.outbox.page(0, 100),
        lambda store: store.outbox.show(1),
        lambda store: store.outbox.books(),
        lambda store: store.outbox.extent(),
        lambda store: store.outbox.unsettled(),
    ],
    ids=["page", "show", "books", "extent", "unsettled"],
)
async def test_nothing_is_pinned_once_a_read_has_its_answer_G11(
    store: Store, look: Callable[[Store], AsyncIterator[object]]
) -> None:
    """However slowly a client takes that answer."""
    await store.sell(1)
    answer = await look(store)  # type: ignore[misc]
    await store.sell(1)
    await store.database.fold()
    assert answer is not None
    assert store.journal == 0


async def test_a_read_that_stays_open_would_be_noticed_G11(store: Store) -> None:
    """The control for the test above."""
    await store.sell(1)
    await store.database.read(begin_reading)
    await store.sell(1)
    await store.database.fold()
    assert store.journal > 0
