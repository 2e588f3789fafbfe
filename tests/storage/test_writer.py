"""The writer commits in groups, answers only after the commit, and keeps failures apart."""

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from store_agent.clock import SystemClock
from store_agent.errors import BadInput, Busy, StorageFailure
from store_agent.storage import sqlite, writer
from store_agent.storage.connection import Work
from store_agent.storage.database import FILE_NAME, Database, open_database


def added(name: str) -> Work[int]:
    def work(raw: sqlite.Connection) -> int:
        values = (name, bytes(32), 1)
        return raw.execute("INSERT INTO terminal (name, token_hash, added_at) VALUES (?, ?, ?)", values).rowcount

    return work


def names(raw: sqlite.Connection) -> list[str]:
    return [name for (name,) in raw.execute("SELECT name FROM terminal ORDER BY name").fetchall()]


async def commits_of(database: Database, count: int) -> int:
    """Count the COMMITs that `count` writes at once need."""
    statements: list[str] = []
    await database.write(lambda raw: raw.set_trace_callback(statements.append))
    statements.clear()
    await asyncio.gather(*(database.write(added(f"t{number}")) for number in range(count)))
    return statements.count("COMMIT")


async def test_writes_that_wait_together_share_a_commit(database: Database) -> None:
    assert await commits_of(database, 50) <= 4, "one for the first, which found the writer idle, then halves"
    assert len(await database.read(names)) == 50


ROUNDS = 20


class SlowDisk:
    """A clock by which each commit takes two seconds."""

    def __init__(self) -> None:
        self._now = 0.0

    def monotonic(self) -> float:
        self._now += 2.0
        return self._now

    def wall(self) -> float:
        return self._now


async def sizes_of_commits(database: Database) -> list[int]:
    """Let one lane sell twice, and another come while the first sale is written; gives how many shared each commit."""
    database.writer._clock = SlowDisk()
    sizes: list[int] = []
    writing, go = threading.Event(), threading.Event()

    def counted(items: Sequence[str], _: sqlite.Connection) -> list[str]:
        sizes.append(len(items))
        writing.set()
        assert go.wait(10)
        return list(items)

    async def twice() -> None:
        await database.writer.write_together(counted, "first")
        await database.writer.write_together(counted, "second")

    one = asyncio.create_task(twice())
    await asyncio.to_thread(writing.wait, 10)
    other = asyncio.create_task(database.writer.write_together(counted, "other"))
    await asyncio.sleep(0)
    go.set()
    await asyncio.gather(one, other)
    return sizes


async def test_who_was_just_answered_shares_the_next_commit_with_who_waits(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "LINGER_SECONDS_MAX", 10.0)
    for _ in range(ROUNDS):
        assert await sizes_of_commits(database) == [1, 2]


async def test_after_a_disk_that_hung_nobody_waits_for_long_G11(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(database.writer, "_gather", lambda _, seconds: waits.append(seconds))
    await sizes_of_commits(database)
    assert waits
    assert set(waits) == {writer.LINGER_SECONDS_MAX}, "and not half a second"


async def test_without_a_moment_s_patience_they_would_take_turns(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "FEW", 0)
    assert [1, 1, 1] in [await sizes_of_commits(database) for _ in range(ROUNDS)], "now and then it comes in time"


async def test_a_failing_write_does_not_harm_its_neighbours(database: Database) -> None:
    def failing(raw: sqlite.Connection) -> None:
        raw.execute("DELETE FROM terminal")
        raise BadInput("x", "This one is wrong.")

    results = await asyncio.gather(
        database.write(added("a")),
        database.write(added("b")),
        database.write(failing),
        database.write(added("c")),
        database.write(added("c")),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [int, int, BadInput, int, StorageFailure]
    assert await database.read(names) == ["a", "b", "c"]


def visible_from_outside(path: Path) -> list[str]:
    other = sqlite.connect(str(path))
    try:
        return names(other)
    finally:
        other.close()


async def acknowledged_and_committed(path: Path) -> bool:
    """Write, and tell whether another connection sees the row when the answer comes."""
    async with open_database(path, SystemClock()) as database:
        await asyncio.gather(*(database.write(added(f"t{number}")) for number in range(5)))
        return len(visible_from_outside(path / FILE_NAME)) == 5


async def test_an_answer_means_that_the_row_is_committed_G1(tmp_path: Path) -> None:
    assert await acknowledged_and_committed(tmp_path)


async def test_answering_before_the_commit_would_be_noticed_G1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a writer that answers and commits later fails the test above."""

    def early(units, raw):
        if not raw.in_transaction:
            raw.execute("BEGIN IMMEDIATE")
        return writer._run(units, raw)

    monkeypatch.setattr(writer, "commit_together", early)
    assert not await acknowledged_and_committed(tmp_path)


async def test_a_commit_that_fails_is_an_unknown_outcome_for_everyone_in_it(database: Database) -> None:
    await database.write(added("before"))
    await database.write(lambda raw: raw.execute("PRAGMA max_page_count = 1"))
    big = "x" * 50

    def work(raw: sqlite.Connection) -> None:
        for number in range(3_000):
            added(f"{number}{big}")(raw)

    with pytest.raises(StorageFailure, match="full"):
        await database.write(work)
    assert await database.read(names) == ["before"]
    assert "full" in database.writer.failure
    await database.write(lambda raw: raw.execute("PRAGMA max_page_count = 100000"))
    assert "full" in database.writer.failure, "a commit of nothing proves nothing"
    await database.write(added("after"))
    assert database.writer.failure == ""


class Slow:
    """A unit of work that waits until it is let go."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.let_go = threading.Event()

    def __call__(self, _: sqlite.Connection) -> bool:
        self.begun.set()
        return self.let_go.wait(10)


async def test_too_many_waiting_writes_are_told_to_come_again_G11(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "WAITING_MAX", 3)
    slow = Slow()
    first = asyncio.create_task(database.write(slow))
    await asyncio.to_thread(slow.begun.wait, 10)
    rest = [asyncio.create_task(database.write(added(f"t{number}"))) for number in range(10)]
    await asyncio.sleep(0)
    slow.let_go.set()
    results = await asyncio.gather(first, *rest, return_exceptions=True)
    assert sum(isinstance(result, Busy) for result in results) == 7
    assert len(await database.read(names)) == 3


async def test_stopping_finishes_what_was_taken_and_takes_no_more(tmp_path: Path) -> None:
    async with open_database(tmp_path, SystemClock()) as database:
        taken = [asyncio.create_task(database.write(added(f"t{number}"))) for number in range(20)]
        await asyncio.sleep(0)
        await database.writer.stop()
        await asyncio.gather(*taken)
        with pytest.raises(StorageFailure, match="stopping"):
            await database.write(added("late"))
    assert len(visible_from_outside(tmp_path / FILE_NAME)) == 20


async def test_a_hanging_commit_shows_G17(database: Database) -> None:
    slow = Slow()
    writing = asyncio.create_task(database.write(slow))
    await asyncio.to_thread(slow.begun.wait, 10)
    first = database.writer.stalled_seconds()
    await database.read(names)
    assert database.writer.stalled_seconds() > first > 0
    slow.let_go.set()
    assert await writing
    await database.writer.stop()
    assert database.writer.stalled_seconds() == 0


async def test_a_disk_that_hangs_while_the_journal_is_folded_shows_G17(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow()
    monkeypatch.setattr("store_agent.storage.database._fold", slow)
    folding = asyncio.create_task(database.fold())
    await asyncio.to_thread(slow.begun.wait, 10)
    writing = asyncio.create_task(database.write(added("waits")))
    await database.read(names)
    first = database.writer.stalled_seconds()
    await database.read(names)
    assert database.writer.stalled_seconds() > first > 0
    slow.let_go.set()
    await asyncio.gather(folding, writing)


async def test_a_caller_who_left_does_not_stop_the_others(database: Database) -> None:
    tasks = [asyncio.create_task(database.write(added(f"t{number}"))) for number in range(3)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert await database.read(names) == ["t0", "t1", "t2"], "what was handed over is done"
