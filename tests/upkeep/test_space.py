"""The watch over the room on the disk: what it does at once, and what it waits for (G12)."""

from pathlib import Path

import pytest

from store_agent.clock import SystemClock
from store_agent.domain.events import Event
from store_agent.domain.space import Levels, Room
from store_agent.storage.usage import Used
from store_agent.upkeep import space
from store_agent.upkeep.space import SpaceWatch

LEVELS = Levels(refuse=1_000, warn=2_000, reserve=4_096)


class MadeUpUsage:
    """A database whose size does not matter; `texts` can be dropped, each for 100 bytes of room."""

    def __init__(self) -> None:
        self.texts = 0
        self.free = 100_000

    async def measure(self) -> Used:
        return Used(0, 0, 0)

    async def shed(self) -> int:
        step = min(self.texts, 10)
        self.texts -= step
        self.free += 100 * step
        return step

    async def give_back(self) -> None:
        pass


class MadeUpCopies:
    """Backups, each of 20,000 bytes."""

    def __init__(self, usage: MadeUpUsage) -> None:
        self.older = 0
        self._usage = usage

    def thin(self) -> int:
        thinned, self.older = self.older, 0
        self._usage.free += 20_000 * thinned
        return thinned


class Watched:
    def __init__(self, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.usage = MadeUpUsage()
        self.copies = MadeUpCopies(self.usage)
        self.events: list[Event] = []
        self.reserve = directory / "reserve"
        monkeypatch.setattr(space, "free_bytes", lambda _: self.usage.free)
        self.watch = SpaceWatch(
            directory, LEVELS, self.usage, self.copies, clock=SystemClock(), tell=self.events.append
        )


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Watched:
    return Watched(tmp_path, monkeypatch)


async def test_a_write_without_room_means_full_until_the_next_look_G12(watched: Watched) -> None:
    await watched.watch.run_once()
    assert watched.reserve.exists()
    watched.watch.filled()
    assert not watched.reserve.exists(), "sending needs the room now"
    assert not watched.watch.admit(1), "whatever the numbers say"
    await watched.watch.run_once()
    assert watched.watch.admit(1)
    assert [event.name for event in watched.events] == ["space.full", "space.plenty"]


async def test_many_sales_between_two_looks_are_noticed_G12(watched: Watched) -> None:
    await watched.watch.run_once()
    watched.usage.free = 500
    assert watched.watch.admit(1), "too little was taken to look again"
    assert not watched.watch.admit(LEVELS.refuse)
    assert watched.watch.room is Room.FULL


async def test_texts_of_settled_sales_make_room_and_only_as_many_as_needed_G12(watched: Watched) -> None:
    await watched.watch.run_once()
    watched.usage.free, watched.usage.texts = 0, 2_000
    await watched.watch.run_once()
    assert watched.watch.room is not Room.FULL
    assert 0 < watched.usage.texts < 2_000
    assert "space.shed" in [event.name for event in watched.events]


async def test_the_words_name_what_must_be_free_with_the_reserve(watched: Watched) -> None:
    watched.usage.free = 0
    await watched.watch.run_once()
    watched.usage.free = LEVELS.returns
    await watched.watch.run_once()
    assert watched.watch.full, "the reserve has no room yet"
    assert f"until {(LEVELS.returns + LEVELS.reserve) / 1_000_000:,.1f} MB are free" in watched.watch.words
    watched.usage.free = LEVELS.returns + LEVELS.reserve
    await watched.watch.run_once()
    assert not watched.watch.full


async def test_older_backups_go_before_texts_of_sales_G12(watched: Watched) -> None:
    await watched.watch.run_once()
    watched.usage.free, watched.usage.texts, watched.copies.older = 0, 2_000, 6
    await watched.watch.run_once()
    assert watched.watch.room is not Room.FULL
    assert watched.usage.texts == 2_000
    assert "6 older backups were deleted" in next(one.words for one in watched.events if one.name == "space.thinned")
