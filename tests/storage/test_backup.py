"""Backups are complete as of one moment, sound, rotated, and never in the way of a sale."""

import asyncio
import os
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from store_agent.clock import SystemClock
from store_agent.domain.events import Event
from store_agent.errors import CannotCreate, Damaged, DiskFull, StorageFailure, TemporaryFailure, Unavailable
from store_agent.storage import backup, duplicate
from store_agent.storage.backup import Backups
from store_agent.storage.database import FILE_NAME, Database
from store_agent.storage.duplicate import Care, Stopped, check
from store_agent.storage.intake import Intake
from store_agent.upkeep.backup import BackupChore
from tests.support.arrivals import another

AT = 1_800_000_000.0


def going() -> threading.Event:
    return threading.Event()


async def sell(database: Database, *names: str) -> None:
    await Intake(database, SystemClock(), None).accept([another(name) for name in names])


@pytest.fixture
def backups(tmp_path: Path) -> Backups:
    return Backups(tmp_path / "data", tmp_path / "backups", keep=3, free_min=0)


@pytest.fixture
async def filled(database: Database) -> Database:
    await sell(database, *(f"T-{number}" for number in range(300)))
    return database


def rows(path: Path) -> int:
    raw = sqlite3.connect(path)
    try:
        return int(raw.execute("SELECT count(*) FROM revision").fetchone()[0])
    finally:
        raw.close()


async def test_a_backup_holds_everything_and_is_one_private_file(filled: Database, backups: Backups) -> None:
    made = backups.make(AT, going())
    assert made.path.name == "store-agent-000001-0000000300-20270115T080000Z.db"
    assert (made.holds.newest, made.holds.accepted, rows(made.path)) == (300, 300, 300)
    assert made.path.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in made.path.parent.iterdir()) == ["backup.lock", made.path.name]


async def test_a_backup_is_as_of_one_moment_while_sales_go_on_G2(
    filled: Database, backups: Backups, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sales are committed between its steps; none of them waits for it, and it does not start over."""
    monkeypatch.setattr(duplicate, "STEP_PAGES", 8)
    copying = asyncio.create_task(asyncio.to_thread(backups.make, AT, going()))
    sold = 0
    while not copying.done():
        sold += 1
        await sell(filled, f"N-{sold}")
    made = await copying
    assert made.holds.accepted == rows(made.path) < 300 + sold


async def test_a_mere_copy_of_the_file_would_be_noticed_G2(filled: Database, tmp_path: Path) -> None:
    """The control for the test above: what is not yet folded into the file is missing in it."""
    await sell(filled, "N-1")
    (tmp_path / "copy.db").write_bytes((tmp_path / "data" / FILE_NAME).read_bytes())
    try:
        found = check(tmp_path / "copy.db", going()).newest
    except StorageFailure:
        found = 0
    assert found < 301


async def test_backups_are_rotated_by_number_whatever_the_clock_says_G14(filled: Database, backups: Backups) -> None:
    for at in (AT, 0.0, 4_000_000_000.0, AT, -1.0):
        await sell(filled, f"at {at}")
        backups.make(at, going())
    assert [path.name[:18] for path in backups.listed()] == [f"store-agent-00000{number}" for number in (3, 4, 5)]


async def test_only_the_newest_stays_when_there_is_no_room_and_all_on_another_disk_G12(
    filled: Database, backups: Backups, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [backups.make(0.0, threading.Event()).path for _ in range(3)]
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(Backups, "_on_own_disk", lambda *_: False)
        assert backups.thin() == 0
    assert backups.thin() == 2
    assert backups.listed() == made[-1:]
    assert backups.thin() == 0


async def test_foreign_files_are_left_alone(filled: Database, backups: Backups, tmp_path: Path) -> None:
    backups.make(AT, going())
    for name in ("kept by Ada.db", "store-agent-1.db", "notes.txt"):
        (tmp_path / "backups" / name).touch()
    for _ in range(5):
        backups.make(AT, going())
    assert (tmp_path / "backups" / "kept by Ada.db").exists()
    assert (tmp_path / "backups" / "store-agent-1.db").exists()


async def test_a_full_disk_leaves_no_part_and_the_old_backups_G12(filled: Database, tmp_path: Path) -> None:
    Backups(tmp_path / "data", tmp_path / "backups", keep=1, free_min=0).make(AT, going())
    poor = Backups(tmp_path / "data", tmp_path / "backups", keep=1, free_min=2**60)
    with pytest.raises(DiskFull, match="no room for a backup"):
        poor.make(AT, going())
    assert len(poor.listed()) == 1
    assert not list((tmp_path / "backups").glob("*part*"))


async def test_a_disk_that_fills_up_under_way_ends_the_backup_G12(
    filled: Database, backups: Backups, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = iter([2**40, 2**40, *[100] * 1_000])
    monkeypatch.setattr(duplicate, "free_bytes", lambda _: next(free))
    monkeypatch.setattr(duplicate, "STEP_PAGES", 4)
    poor = Backups(tmp_path / "data", tmp_path / "backups", keep=3, free_min=1_000)
    with pytest.raises(DiskFull):
        poor.make(AT, going())
    assert poor.listed() == []
    assert not list((tmp_path / "backups").glob("*part*"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    directory = tmp_path / "small"
    directory.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=128k", "none", str(directory)]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    yield directory
    subprocess.run(["umount", directory], check=True)


async def test_a_disk_that_is_really_full_is_told_and_left_clean_G12(
    filled: Database, tmp_path: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duplicate, "free_bytes", lambda _: 2**40)  # it fills up faster than anybody looks
    with pytest.raises((DiskFull, CannotCreate, StorageFailure)):
        Backups(tmp_path / "data", small_disk, keep=3, free_min=0).make(AT, going())
    assert os.listdir(small_disk) == ["backup.lock"]  # noqa: PTH208 - a path's own way is for no async function


async def test_a_backup_that_is_not_sound_gets_no_name(
    filled: Database, backups: Backups, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = duplicate._copy

    def damaging(source: Path, target: Path, care: Care, key: str) -> None:
        copy(source, target, care, key)
        with target.open("r+b") as file:
            file.seek(4_096 * 5)
            file.write(b"\xff" * 4_096 * 3)

    monkeypatch.setattr(duplicate, "_copy", damaging)
    with pytest.raises(Damaged):
        backups.make(AT, going())
    assert [path.name for path in (tmp_path / "backups").iterdir()] == ["backup.lock"]


async def test_lost_rows_are_noticed_by_the_books_G2(filled: Database, backups: Backups) -> None:
    made = backups.make(AT, going())
    raw = sqlite3.connect(made.path, isolation_level=None)
    for (name,) in raw.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        raw.execute(f"DROP TRIGGER {name}")
    raw.execute("DELETE FROM revision WHERE sequence = 5")
    raw.close()
    with pytest.raises(Damaged, match="books"):
        check(made.path, going())


async def test_stopping_ends_a_backup_at_its_next_step(
    filled: Database, backups: Backups, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = going()
    monkeypatch.setattr(duplicate, "STEP_PAGES", 4)
    monkeypatch.setattr(duplicate, "WRITE_THROUGH_STEPS", 3)
    monkeypatch.setattr(duplicate, "write_through", lambda _: stop.set())
    with pytest.raises(Stopped):
        backups.make(AT, stop)
    assert backups.listed() == []


async def test_stopping_ends_the_check_too(filled: Database, backups: Backups, monkeypatch: pytest.MonkeyPatch) -> None:
    made, stop = backups.make(AT, going()), going()
    monkeypatch.setattr(duplicate, "STOP_CHECK_OPERATIONS", 10)
    stop.set()
    with pytest.raises(Stopped):
        check(made.path, stop)


async def test_two_backups_are_not_made_at_once(filled: Database, backups: Backups, tmp_path: Path) -> None:
    with backup._alone(tmp_path / "backups"), pytest.raises(TemporaryFailure, match="Another backup"):
        backups.make(AT, going())
    backups.make(AT, going())


async def test_what_a_killed_backup_left_is_cleared_away(filled: Database, backups: Backups, tmp_path: Path) -> None:
    (tmp_path / "backups").mkdir()
    (tmp_path / "backups" / "backup.part").write_bytes(b"half")
    assert rows(backups.make(AT, going()).path) == 300
    assert not (tmp_path / "backups" / "backup.part").exists()


async def test_a_chosen_path_is_replaced_only_by_a_sound_backup(
    filled: Database, backups: Backups, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "stick.db"
    target.write_text("precious")
    with monkeypatch.context() as patch:
        patch.setattr(duplicate, "free_bytes", lambda _: -1)
        with pytest.raises(DiskFull):
            backups.make_at(target, going())
    assert target.read_text() == "precious"
    backups.make_at(target, going())
    assert rows(target) == 300


def test_without_a_database_there_is_nothing_to_back_up(backups: Backups, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with pytest.raises(Unavailable, match="no database"):
        backups.make(AT, going())
    assert list((tmp_path / "data").iterdir()) == []


async def test_a_directory_that_cannot_be_made_is_named(filled: Database, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotCreate, match="Sales are not affected"):
        Backups(tmp_path / "data", tmp_path / "file" / "backups", keep=3, free_min=0).make(AT, going())


class TurnedClock(SystemClock):
    ahead = 0.0

    def wall(self) -> float:
        return super().wall() + self.ahead


@pytest.fixture
def heard() -> list[str]:
    return []


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
def chore(filled: Database, backups: Backups, clock: TurnedClock, heard: list[str]) -> BackupChore:
    def hear(event: Event) -> None:
        heard.append(event.name)

    return BackupChore(backups, clock, 86_400.0, hear)


async def test_the_chore_makes_one_when_the_last_is_old_also_after_a_restart(
    chore: BackupChore, backups: Backups, clock: TurnedClock, heard: list[str]
) -> None:
    for ahead in (0, 3_600, 80_000, 90_000):
        clock.ahead = ahead
        await chore.run_once()
    assert len(backups.listed()) == len(heard) == 2


async def test_a_jump_of_the_clock_means_one_backup_more_and_no_fewer_G14(
    chore: BackupChore, backups: Backups, clock: TurnedClock
) -> None:
    await chore.run_once()
    for path in backups.listed():
        os.utime(path, (2**31, 2**31))
    for _ in range(3):
        await chore.run_once()
    assert len(backups.listed()) == 2


async def test_a_chore_that_fails_tells_once_and_is_tried_again(
    chore: BackupChore, backups: Backups, heard: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(duplicate, "free_bytes", lambda _: -1)
        for _ in range(3):
            with pytest.raises(DiskFull):
                await chore.run_once()
    await chore.run_once()
    assert heard == ["backup.failed", "backup.made"]


async def test_a_cancelled_chore_ends_its_copy(
    chore: BackupChore, backups: Backups, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, ended = threading.Event(), threading.Event()

    def slow(_: float, stop: threading.Event) -> Any:
        begun.set()
        if stop.wait(10):
            ended.set()
        raise Stopped("")

    monkeypatch.setattr(backups, "make", slow)
    task = asyncio.create_task(chore.run_once())
    await asyncio.to_thread(begun.wait, 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(ended.wait, 10)
