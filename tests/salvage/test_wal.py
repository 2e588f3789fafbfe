"""The journal: a torn tail is normal, a changed byte is damage, and what was committed is read all the same."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store_agent.storage.salvage import wal
from store_agent.storage.salvage.wal import Wal, read_wal
from tests.salvage.damages import FRAME, LOG
from tests.salvage.histories import History

SECTOR = 512
HEADER = 32


class Journal(bytes):
    """A journal that is not shown whole when a test fails."""

    def __repr__(self) -> str:
        return f"Journal of {len(self)} bytes"


@pytest.fixture(scope="session")
def journal(histories: dict[str, History]) -> Journal:
    return Journal(histories["few wait, all in the journal"].files[LOG])


def read(directory: Path, content: bytes) -> Wal:
    file = directory / "a-wal"
    file.write_bytes(content)
    return read_wal(file)


def commits(log: Wal) -> list[int]:
    """Give the places of the frames that end a commit."""
    return [place for place, frame in enumerate(log.frames) if frame.size]


def contents(log: Wal, content: bytes) -> list[tuple[int, int, bytes]]:
    return [
        (frame.number, frame.size, frame.content or content[frame.offset : frame.offset + FRAME - 24])
        for frame in log.frames
    ]


@given(data=st.data())
def test_a_journal_cut_at_any_byte_is_a_torn_tail_G13(
    journal: Journal, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    end = data.draw(st.integers(0, len(journal)))
    log = read(tmp_path_factory.mktemp("cut"), journal[:end])
    assert log.damage == ""
    whole = [place for place in commits(read(tmp_path_factory.mktemp("all"), journal)) if _end(place) <= end]
    assert commits(log) == whole


@settings(max_examples=40)
@given(chance=st.randoms(use_true_random=False), old=st.sampled_from(["zeros", "older"]))
def test_a_last_commit_written_by_halves_is_a_torn_tail_G13(
    journal: Journal, tmp_path_factory: pytest.TempPathFactory, chance: Random, old: str
) -> None:
    directory = tmp_path_factory.mktemp("torn")
    whole = read(directory, journal)
    *_, before, last = commits(whole)
    torn = bytearray(journal[: _end(last)])
    start = _end(before)
    # A tear behind what tells of the end of a commit makes a frame look like one that ended a commit: that is damage.
    after_size = {frame.offset - 16 for frame in whole.frames}
    sectors = [
        sector for sector in range(-(-start // SECTOR) * SECTOR, len(torn), SECTOR) if sector + SECTOR not in after_size
    ]
    missing = chance.sample(sectors, chance.randint(2, len(sectors)))
    for sector in missing:
        size = len(torn[sector : sector + SECTOR])
        torn[sector : sector + SECTOR] = bytes(size) if old == "zeros" else chance.randbytes(size)
    log = read(directory, bytes(torn))
    assert log.damage == ""
    assert commits(log)[-1] in (before, last)


@settings(max_examples=40)
@given(place=st.floats(0, 1, exclude_max=True), mask=st.integers(1, 255))
def test_a_changed_byte_anywhere_is_found_and_every_commit_read_G13(
    journal: Journal, tmp_path_factory: pytest.TempPathFactory, place: float, mask: int
) -> None:
    directory = tmp_path_factory.mktemp("changed")
    right = read(directory, journal)
    end = _end(commits(right)[-1])
    changed = bytearray(journal[:end])
    changed[int(place * end)] ^= mask
    log = read(directory, bytes(changed))
    assert log.damage
    assert not log.blind
    assert len(log.frames) == len(right.frames)
    pairs = zip(log.frames, contents(log, bytes(changed)), contents(right, journal), strict=True)
    assert all(found == wanted for frame, found, wanted in pairs if frame.sound)
    assert sum(not frame.sound for frame in log.frames) <= 1


def test_commits_behind_a_broken_one_are_read_and_it_is_told_apart_G13(journal: Journal, tmp_path: Path) -> None:
    places = commits(read(tmp_path, journal))
    broken = bytearray(journal)
    start = _end(places[1])
    broken[start : start + FRAME] = Random(1).randbytes(FRAME)  # noqa: S311 - garbage that can be repeated
    log = read(tmp_path, bytes(broken))
    assert (log.damage != "", log.blind, len(log.frames)) == (True, True, places[-1] + 1)


def test_without_undoing_a_changed_byte_the_last_commit_would_be_taken_for_torn_G13(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = _end(commits(read(tmp_path, journal))[-1])
    changed = bytearray(journal[:end])
    changed[end - 100] ^= 1
    assert read(tmp_path, bytes(changed)).damage
    monkeypatch.setattr(wal, "_mended", lambda *_: [])
    assert read(tmp_path, bytes(changed)).damage == ""


def _end(place: int) -> int:
    return HEADER + FRAME * (place + 1)
