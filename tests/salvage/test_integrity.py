"""Damage is found before and after SQLite opens the file, within the time there is, and nothing else is called so."""

import itertools
from pathlib import Path

import pytest

from store_agent.errors import Damaged
from store_agent.storage import integrity, sqlite
from store_agent.storage.database import FILE_NAME
from store_agent.storage.integrity import examine, find_damage, refuse_damaged
from store_agent.storage.marked import MARK
from store_agent.storage.migrate import migrate, steps
from tests.salvage.histories import CLOCK, History
from tests.salvage.trial import look
from tests.support.texts import changed, know_texts

CLOSED = "busy, closed"


class Hurry:
    """A clock on which every look costs a second."""

    def __init__(self) -> None:
        self._seconds = itertools.count()

    def wall(self) -> float:
        return 0.0

    def monotonic(self) -> float:
        return float(next(self._seconds))


def change(path: Path, *statements: str) -> None:
    """Change what a disk could have changed, past the rules of the database."""
    raw = know_texts(sqlite.connect(str(path), isolation_level=None))
    try:
        raw.execute("PRAGMA writable_schema = ON")
        for statement in statements:
            raw.execute(statement)
    finally:
        raw.close()


def test_what_is_not_damaged_is_not_called_so_G13(histories: dict[str, History], tmp_path: Path) -> None:
    for number, history in enumerate(histories.values()):
        directory = tmp_path / f"{number}"
        directory.mkdir()
        path = history.put(directory)
        assert (history.name, examine(path), look(path)) == (history.name, "", "")


def test_a_database_of_every_older_schema_is_not_called_damaged_G13(tmp_path: Path) -> None:
    for version in range(len(steps()) + 1):
        path = tmp_path / f"{version}.db"
        raw = sqlite.connect(str(path), isolation_level=None)
        raw.execute("PRAGMA auto_vacuum = INCREMENTAL")
        raw.execute("PRAGMA journal_mode = WAL").fetchall()
        migrate(raw, path, steps()[:version])
        assert find_damage(raw, 60.0, CLOCK).damage == ""
        raw.close()
        assert examine(path) == ""


@pytest.mark.parametrize("left", ["", "-wal"])
def test_a_database_that_vanished_is_not_replaced_silently_G13(
    histories: dict[str, History], tmp_path: Path, left: str
) -> None:
    path = histories["drained, then busy"].put(tmp_path)
    (tmp_path / MARK).unlink() if left else (tmp_path / (FILE_NAME + "-wal")).unlink()
    path.unlink()
    assert "missing" in examine(path)
    path.touch()
    assert "missing" in examine(path)


def test_a_directory_without_a_past_is_fine(tmp_path: Path) -> None:
    assert examine(tmp_path / FILE_NAME) == ""


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE tally SET revisions = revisions + 1 WHERE state = 'waiting'", "books"),
        ("UPDATE tally SET amount = amount + 1 WHERE state IN ('waiting', 'accepted')", "books"),
        (changed("payload", "1000", "1001"), "text of sale"),
        ("UPDATE batch SET members = 3 WHERE state = 'frozen'", "should have"),
        ("DELETE FROM receipt_code", "receipt code"),
        ("DROP INDEX revision_held", "schema"),
        ("PRAGMA user_version = 4", "schema"),
        (f"PRAGMA user_version = {256 + len(steps())}", "schema"),
        ("UPDATE sqlite_schema SET sql = replace(sql, 'members BETWEEN 1', 'members BETWEEN 0')", "schema"),
        (
            "UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'batch_frozen') "
            "WHERE name = 'revision_by_state'",
            "",
        ),
    ],
)
def test_what_a_disk_can_change_is_found_G13(
    histories: dict[str, History], tmp_path: Path, statement: str, words: str
) -> None:
    path = histories[CLOSED].put(tmp_path)
    change(path, statement)
    found = look(path)
    assert found
    assert words in found


def test_a_revision_that_its_index_forgot_is_found_and_not_by_a_quick_check_G2_G13(
    histories: dict[str, History], tmp_path: Path
) -> None:
    path = histories[CLOSED].put(tmp_path)
    last = max(sequence for sequence, (_, _, state) in histories[CLOSED].truth.revisions.items() if state == "waiting")
    entry = b"\x04\x1b\x01\x01waiting" + bytes([last])  # the header, a text of 7, its number as column and as rowid
    content = path.read_bytes()
    assert content.count(entry + bytes([last])) == 1
    path.write_bytes(content.replace(entry + bytes([last]), entry + bytes([last + 7])))
    raw = sqlite.connect(str(path))
    quick = raw.execute("PRAGMA quick_check").fetchall()
    raw.close()
    assert (quick, look(path) != "") == ([("ok",)], True)


def test_a_check_that_has_no_time_says_that_it_is_not_complete_G13(
    histories: dict[str, History], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = histories[CLOSED].put(tmp_path)
    monkeypatch.setattr(integrity, "_STEPS_PER_LOOK", 1)
    raw = sqlite.connect(str(path))
    try:
        assert find_damage(raw, 5.0, Hurry()) == integrity.Findings("", complete=False)
        assert find_damage(raw, 1e9, Hurry()).complete
        assert not refuse_damaged(raw, 5.0, Hurry())
    finally:
        raw.close()


def test_whoever_asks_for_it_gets_damage_raised_G13(histories: dict[str, History], tmp_path: Path) -> None:
    path = histories[CLOSED].put(tmp_path)
    change(path, "UPDATE tally SET revisions = revisions + 1")
    raw = sqlite.connect(str(path))
    try:
        with pytest.raises(Damaged, match="books"):
            refuse_damaged(raw, 60.0, CLOCK)
    finally:
        raw.close()
