"""A restore finishes what damage left to do, so that the next start undoes nothing of it and loses nothing."""

import errno
import os
from pathlib import Path

import pytest

from store_agent.clock import SystemClock
from store_agent.domain.settle import Deliver
from store_agent.errors import CannotCreate, DiskFull
from store_agent.storage import restore
from store_agent.storage.database import FILE_NAME, Mending, open_database
from store_agent.storage.mending import suspect, suspicion
from store_agent.storage.outbox import Outbox
from store_agent.storage.restore import prepared
from store_agent.storage.salvage import course
from store_agent.storage.salvage.course import salvage
from tests.storage.test_restore import BY_ADA, Store

ALL = [("T-1", "delivered"), ("T-2", "waiting"), ("T-3", "waiting")]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


async def lived(store: Store) -> Path:
    """Let something happen before and after a backup; gives the backup."""
    async with store:
        await store.sell("T-1")
        backup = store.backup()
        await store.answer(Deliver("{}"))
        await store.sell("T-2", "T-3")
    return backup


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def interrupted(store: Store) -> None:
    """Begin a salvage that finds no room."""
    with pytest.MonkeyPatch.context() as disk:
        disk.setattr(course, "_fill", full)
        with pytest.raises(DiskFull):
            salvage(store.directory / FILE_NAME, "for the test", SystemClock())


def unmended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restore, "mend_at_rest", lambda *_: "")


async def started(store: Store) -> list[tuple[str, str]]:
    """Start as the agent does; gives the sales and their states."""
    async with open_database(store.directory, SystemClock(), Mending(10.0, lambda _: None)) as database:
        outbox = Outbox(database, SystemClock())
        assert (await outbox.books()).balanced
        return [(row.transaction_id, row.state.value) for row in (await outbox.page(0, 100)).rows]


def set_aside(store: Store) -> list[str]:
    return sorted(path.name for path in store.directory.glob("damaged-*"))


async def test_a_salvage_cut_short_is_finished_before_a_restore_G2_G13(store: Store) -> None:
    backup = await lived(store)
    damaged = (store.directory / FILE_NAME).read_bytes()
    interrupted(store)
    ready, _ = store.restore(backup)
    assert "what could be read was saved: 3 sales" in ready.mended
    assert (ready.present, ready.unreadable, ready.merged.carried, ready.merged.held) == (True, "", 2, 0)
    assert await started(store) == ALL
    assert set_aside(store) == ["damaged-1"]
    assert (store.directory / "damaged-1" / FILE_NAME).read_bytes() == damaged


async def test_a_restore_that_left_it_unfinished_would_be_noticed_G2_G13(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = await lived(store)
    interrupted(store)
    unmended(monkeypatch)
    ready, _ = store.restore(backup)
    assert (ready.present, ready.merged.carried, ready.merged.held) == (False, 0, 1)
    await started(store)
    assert set_aside(store) == ["damaged-1", "damaged-2"], "the next start puts the restored one aside"


async def test_without_room_for_the_salvage_nothing_is_restored_G12_G13(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = await lived(store)
    interrupted(store)
    with monkeypatch.context() as disk:
        disk.setattr(course, "_fill", full)
        with pytest.raises(DiskFull, match="delete what is not needed"):
            store.restore(backup)
    store.restore(backup)
    assert await started(store) == ALL


async def test_what_is_suspected_is_saved_before_a_restore_and_not_suspected_after_it_G2_G13(store: Store) -> None:
    backup = await lived(store)
    suspect(store.directory, "A page could not be read")
    ready, _ = store.restore(backup)
    assert "A page could not be read" in ready.mended
    assert (ready.merged.carried, ready.merged.held) == (2, 0)
    assert suspicion(store.directory) == ""
    assert await started(store) == ALL
    assert set_aside(store) == ["damaged-1"]


async def test_a_suspicion_that_stayed_would_be_noticed_G13(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    backup = await lived(store)
    suspect(store.directory, "A page could not be read")
    unmended(monkeypatch)
    store.restore(backup)
    restored = (store.directory / FILE_NAME).read_bytes()
    await started(store)
    assert (store.directory / "damaged-1" / FILE_NAME).read_bytes() == restored


async def test_a_suspicion_of_a_database_that_is_gone_goes_with_it_G13(store: Store) -> None:
    backup = await lived(store)
    suspect(store.directory, "A page could not be read")
    (store.directory / FILE_NAME).unlink()
    ready, _ = store.restore(backup)
    assert (ready.present, ready.mended, ready.merged.held) == (False, "", 1)
    assert await started(store) == [("T-1", "held")]
    assert set_aside(store) == []


async def test_a_restore_by_another_user_writes_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    backup = await lived(store)
    before = sorted(store.directory.rglob("*"))
    stranger = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: stranger)
    monkeypatch.setattr(os, "access", lambda *_: True)
    with (
        pytest.raises(CannotCreate, match="belongs to another user"),
        prepared(store.directory, backup, BY_ADA, SystemClock()),
    ):
        pass
    assert sorted(store.directory.rglob("*")) == before
    monkeypatch.setattr(restore, "make_directory", lambda _: None)
    with prepared(store.directory, backup, BY_ADA, SystemClock()):
        assert sorted(store.directory.rglob("*")) != before, "the control: without that look it would write"
