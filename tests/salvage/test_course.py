"""A salvage may be stopped anywhere: the next start finishes it, and the damaged files stay as they were."""

import contextlib
import errno
import itertools
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from store_agent.errors import DiskFull
from store_agent.storage import sqlite
from store_agent.storage.ahead import Ahead
from store_agent.storage.database import FILE_NAME, open_database
from store_agent.storage.incidents import Incidents
from store_agent.storage.intake import Intake
from store_agent.storage.packing import pack
from store_agent.storage.repair import Repair
from store_agent.storage.salvage import course
from store_agent.storage.salvage.course import resume, salvage
from tests.salvage.damages import PAGE
from tests.salvage.histories import CLOCK, History, truth_of
from tests.salvage.trial import check, look
from tests.support.arrivals import arrival
from tests.support.sales import payment

BUSY = "drained, then busy"


class Stopped(BaseException):
    """The power goes."""


def stopping(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Let the power go at the so-manyth change that a salvage makes to a directory or syncs to the disk."""
    left = [step]

    def counted(does: Callable[..., object]) -> Callable[..., object]:
        def run(*arguments: object, **named: object) -> object:
            left[0] -= 1
            if left[0] == 0:
                raise Stopped
            return does(*arguments, **named)

        return run

    for owner, name in ((os, "fsync"), (Path, "replace"), (Path, "unlink"), (Path, "mkdir"), (course, "_fill")):
        monkeypatch.setattr(owner, name, counted(getattr(owner, name)))


@pytest.mark.parametrize("again", [1, 3])
def test_a_salvage_stopped_at_any_step_is_finished_at_the_next_start_G13(
    histories: dict[str, History], tmp_path: Path, again: int
) -> None:
    history = histories["few wait, all in the journal"]
    for step in range(1, 100):
        directory = tmp_path / f"{step}"
        directory.mkdir()
        path = history.put(directory)
        with pytest.MonkeyPatch.context() as stop:
            stopping(stop, step)
            try:
                salvage(path, "for the test", CLOCK)
            except Stopped:
                pass
            else:
                break
        with pytest.MonkeyPatch.context() as stop:
            stopping(stop, step + again)
            with contextlib.suppress(Stopped):
                resume(path)
        report = resume(path)
        if report is None and not (directory / "damaged-1" / FILE_NAME).exists():
            report = salvage(path, "for the test", CLOCK)  # it had not begun
        _is_finished(directory, history)
    else:
        pytest.fail("it never came to an end")
    assert step > 15


def _is_finished(directory: Path, history: History) -> None:
    aside = next(entry for entry in directory.glob("damaged-*") if (entry / FILE_NAME).exists())
    for name, content in history.files.items():
        assert (aside / name).read_bytes() == content
    assert truth_of(directory / FILE_NAME) == history.truth
    assert resume(directory / FILE_NAME) is None
    left = {entry.name for entry in directory.iterdir() if not entry.name.startswith("damaged-")}
    assert left <= {FILE_NAME, "store-agent.made"}
    assert not (aside / "unfinished").exists()


def test_a_salvage_that_is_not_finished_would_be_taken_for_a_lost_database_G13(
    histories: dict[str, History], tmp_path: Path
) -> None:
    path = histories[BUSY].put(tmp_path)
    with pytest.MonkeyPatch.context() as stop:
        stopping(stop, 12)
        with pytest.raises(Stopped):
            salvage(path, "for the test", CLOCK)
    assert "missing" in look(path)
    resume(path)
    assert look(path) == ""


def test_without_room_it_says_so_and_goes_on_later_G12_G13(
    histories: dict[str, History], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = histories[BUSY].put(tmp_path)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(course, "_fill", full)
        for _ in range(2):
            with pytest.raises(DiskFull, match="Nothing was deleted"):
                salvage(path, "for the test", CLOCK) if path.exists() else resume(path)
    assert [file.name for file in tmp_path.glob(FILE_NAME + "*")] == []
    report = resume(path)
    assert report is not None
    assert (report.number, report.why) == (1, "for the test")
    assert truth_of(path) == histories[BUSY].truth


@pytest.mark.parametrize("broken", [False, True])
def test_what_is_put_in_the_place_of_an_unfinished_salvage_replaces_nothing_G2_G13(
    histories: dict[str, History], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, broken: bool
) -> None:
    """With its control: files that are moved without a look destroy the damaged ones."""
    path = histories[BUSY].put(tmp_path)
    with pytest.MonkeyPatch.context() as stop:
        stop.setattr(course, "_fill", _stop)
        with pytest.raises(Stopped):
            salvage(path, "for the test", CLOCK)
    other = histories["few wait, closed"].put(tmp_path)
    if broken:
        monkeypatch.setattr(course, "_move_aside", _move_blindly)
    resume(path)
    damaged = all((tmp_path / "damaged-1" / name).read_bytes() == old for name, old in histories[BUSY].files.items())
    assert damaged is not broken
    if not broken:
        assert (tmp_path / "damaged-2" / other.name).read_bytes() == histories["few wait, closed"].files[other.name]
        assert truth_of(path) == histories[BUSY].truth


def _stop(*_: object) -> None:
    raise Stopped


def _move_blindly(path: Path, aside: Path) -> None:
    if path.exists():
        path.replace(aside / path.name)


def test_a_second_damage_is_set_aside_beside_the_first_G13(histories: dict[str, History], tmp_path: Path) -> None:
    path = histories[BUSY].put(tmp_path)
    numbers = [salvage(path, "for the test", CLOCK).number for _ in range(2)]
    assert numbers == [1, 2]
    raw = sqlite.connect(str(path))
    assert raw.execute("SELECT count(*) FROM incident").fetchone() == (2,)
    raw.close()


def test_the_fresh_database_keeps_its_own_rules_G2_G13(histories: dict[str, History], tmp_path: Path) -> None:
    path = histories[BUSY].put(tmp_path)
    salvage(path, "for the test", CLOCK)
    raw = sqlite.connect(str(path), isolation_level=None)
    try:
        for forbidden in (
            "UPDATE revision SET state = 'waiting' WHERE state = 'delivered'",
            "UPDATE batch SET body = x'00' WHERE state = 'frozen'",
            "DELETE FROM incident",
            "DELETE FROM revision WHERE state = 'waiting'",
        ):
            with pytest.raises((sqlite.Error, sqlite3.Error)):
                raw.execute(forbidden)
        assert raw.execute("PRAGMA auto_vacuum").fetchone() == (2,)
    finally:
        raw.close()


def test_tries_are_saved_with_their_sales_and_go_with_those_that_are_lost_G13(
    histories: dict[str, History], tmp_path: Path
) -> None:
    path = histories["busy, closed"].put(tmp_path)
    with contextlib.closing(sqlite.connect(str(path), isolation_level=None)) as raw:
        (parked,) = raw.execute("SELECT sequence FROM revision WHERE state = 'parked'").fetchone()
        tried = raw.execute("SELECT * FROM attempt").fetchall()
        raw.execute("PRAGMA foreign_keys = OFF")
        raw.execute("INSERT INTO attempt VALUES (99, 1, 1, 1, 1, 'of one that nobody can read', NULL)")
    salvage(path, "for the test", CLOCK)
    with contextlib.closing(sqlite.connect(str(path))) as raw:
        assert [row[0] for row in tried] == [parked]
        assert raw.execute("SELECT * FROM attempt").fetchall() == tried


def test_rows_from_before_seals_are_saved_as_they_are_G13(histories: dict[str, History], tmp_path: Path) -> None:
    path = histories[BUSY].put(tmp_path)
    raw = sqlite.connect(str(path), isolation_level=None)
    raw.execute("UPDATE payload SET seal = NULL")
    raw.execute("UPDATE batch SET seal = NULL")
    raw.close()
    assert salvage(path, "for the test", CLOCK).lost_count == 0
    assert truth_of(path) == histories[BUSY].truth


def test_sectors_that_the_disk_cannot_read_cost_only_what_stood_there_G13(
    histories: dict[str, History], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = histories["busy, closed"]
    path = history.put(tmp_path)
    read = os.pread
    bad = range(48 * PAGE, 56 * PAGE)

    def failing(descriptor: int, size: int, offset: int) -> bytes:
        if offset in bad:
            raise OSError(errno.EIO, "Input/output error")
        return read(descriptor, size, offset)

    monkeypatch.setattr(os, "pread", failing)
    report = salvage(path, "for the test", CLOCK)
    now = truth_of(path)
    happened = check(history.truth, now, report, tmp_path)
    assert 0 < happened["open kept"] + happened["settled kept"] < len(history.truth.revisions)


async def test_a_lost_sequence_is_never_given_again_and_the_incident_stays_until_read_G13(
    histories: dict[str, History], tmp_path: Path
) -> None:
    history = histories["few wait, closed"]
    path = history.put(tmp_path)
    content = path.read_bytes()
    for sequence in (4, 5):
        stored = pack(history.truth.revisions[sequence][1])
        content = content.replace(stored, stored[:10] + b"?" * (len(stored) - 10))
    path.write_bytes(content)
    report = salvage(path, look(path), CLOCK)
    assert [entry["sequence"] for entry in report.lost] == [4, 5]
    async with open_database(tmp_path, CLOCK) as database:
        (taken,) = await Intake(database, CLOCK, None).accept([arrival("T-new")])
        assert taken.sequence == 6
        incidents = Incidents(database, CLOCK)
        (incident,) = await incidents.open()
        assert "2 sales cannot be read" in incident.words
        assert await incidents.acknowledge(incident.number, "somebody", "compared with the receipts")
        assert not await incidents.acknowledge(incident.number, "somebody", "again")
        assert await incidents.open() == []
        newest, *_ = await Repair(database, CLOCK).audit(None, 1)
        assert (newest.who, newest.action) == ("somebody", "acknowledge")
        assert newest.reason == f"incident {incident.number}: compared with the receipts"


def test_what_waited_to_be_printed_is_left_out(histories: dict[str, History], tmp_path: Path) -> None:
    path = histories["few wait, all in the journal"].put(tmp_path)
    with contextlib.closing(sqlite3.connect(path)) as raw:
        raw.execute("INSERT INTO print_job (printer, about, content, created_at) VALUES ('a', 'b', x'1b40', 1)")
        raw.commit()
    salvage(path, "for the test", CLOCK)
    with contextlib.closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT count(*) FROM print_job").fetchone() == (0,)


def test_what_a_damaged_file_says_of_its_schema_is_not_taken_over_G13(
    histories: dict[str, History], tmp_path: Path
) -> None:
    """A program one version back would else use what it cannot read."""
    path = histories["few wait, all in the journal"].put(tmp_path)
    with contextlib.closing(sqlite3.connect(path)) as raw:
        raw.execute("UPDATE meta SET value = '1' WHERE key LIKE '%usable_from'")
        raw.execute("INSERT INTO meta (key, value) VALUES ('of_a_later_program', '1')")
        raw.commit()
    salvage(path, "for the test", CLOCK)
    with contextlib.closing(sqlite3.connect(path)) as raw:
        facts = dict(raw.execute("SELECT key, value FROM meta"))
    assert facts["schema_8_usable_from"] == facts["schema_10_usable_from"] == "6"
    assert facts["of_a_later_program"] == "1"


async def test_codes_ahead_and_those_not_needed_any_more_are_saved_as_such_G8_G13(tmp_path: Path) -> None:
    known = [payment("P1", user_id="u", user_id_type="Email")]
    async with open_database(tmp_path, CLOCK) as database:
        numbers = itertools.count(1)
        ahead = Ahead(database, CLOCK, lambda: f"code-{next(numbers)}")
        intake = Intake(database, CLOCK, lambda: f"code-{next(numbers)}")
        for name in ("T-1", "T-2"):
            await ahead.codes("lane-1", name, [])
        await intake.accept([arrival("T-2"), arrival("T-3"), arrival("T-3", payments=known)])
    salvage(tmp_path / FILE_NAME, "for the test", CLOCK)
    with contextlib.closing(sqlite3.connect(tmp_path / FILE_NAME)) as raw:
        found = raw.execute("SELECT transaction_id, ahead, retired_at IS NOT NULL FROM receipt_code ORDER BY 1")
        assert found.fetchall() == [("T-1", "lane-1", 0), ("T-2", None, 0), ("T-3", None, 1)]
    async with open_database(tmp_path, CLOCK) as database:
        (code,) = await Ahead(database, CLOCK, lambda: "another").codes("lane-1", "T-1", [])
        assert code.code == "code-1"
