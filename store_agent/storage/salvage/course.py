"""The course of a salvage, safe against a crash at any point: what is there tells the next start where it stopped.

1. `damaged-N/unfinished` says that a salvage has begun. 2. The damaged files are moved into `damaged-N`. 3. The fresh
database is made beside their old place. 4. `damaged-N/report.json` says that it is complete. 5. It is moved to its
place. 6. `unfinished` goes.
"""

import errno
import json
import shutil
from pathlib import Path

from store_agent.clock import Clock
from store_agent.domain.repair import PROGRAM, Action, Deed
from store_agent.errors import DiskFull
from store_agent.storage import sqlite
from store_agent.storage.audit import audit, chain, give_none_twice, let_go_again, verify
from store_agent.storage.connection import connect_bare
from store_agent.storage.durable import write_through
from store_agent.storage.key import PLAIN, Keys
from store_agent.storage.locked import key_of
from store_agent.storage.marked import salts
from store_agent.storage.migrate import migrate, steps
from store_agent.storage.queries import load
from store_agent.storage.salvage.books import old_purged, old_tallies, rebuild_books
from store_agent.storage.salvage.finds import Finds
from store_agent.storage.salvage.pages import Image
from store_agent.storage.salvage.report import Recorder, Report
from store_agent.storage.salvage.requests import Requests
from store_agent.storage.salvage.sales import Sales
from store_agent.storage.salvage.shapes import SEQUENCES, read_shapes
from store_agent.storage.salvage.tables import fill_tables

_SQL = load("salvage")

_PREFIX = "damaged-"
_UNFINISHED = "unfinished"
_REPORT = "report.json"
_SUFFIXES = ("", "-wal", "-shm")

FAULTS_NOTED_MAX = 10
"""Gaps of the audit that its own entry of the salvage names; the report has more."""

_NO_ROOM = (
    "The database of this machine is damaged, and the disk has no room to save what can be read of it. Nothing was "
    "deleted. No sale can be taken until there is room: delete what is not needed on this machine."
)


def salvage(path: Path, why: str, clock: Clock, keys: Keys = PLAIN) -> Report:
    """Set the database at `path` aside and put a fresh one with everything readable in its place.

    The caller holds the lock of the directory, has closed every connection and is on a thread of its own: this takes
    minutes for 100,000 sales. With `keys` of an encrypted database; the fresh one has the wanted key. Raises DiskFull
    (call again, or `resume` at the next start), OSError, and Locked, before anything is touched.
    """
    key_of(path, keys)
    aside = _next_directory(path.parent)
    try:
        _write(aside / _UNFINISHED, {"why": why, "at": int(clock.wall() * 1000)})
    except OSError:
        shutil.rmtree(aside, ignore_errors=True)  # nothing was moved into it yet
        raise
    report = resume(path, keys)
    assert report is not None  # noqa: S101 - it was begun above
    return report


def resume(path: Path, keys: Keys = PLAIN) -> Report | None:
    """Finish a salvage that was begun and not finished, None if there is none. To be called before each opening.

    Raises as `salvage`.
    """
    aside = unfinished(path.parent)
    if aside is None:
        return None
    try:
        return _finish(path, aside, keys)
    except sqlite.Error as error:
        failure = sqlite.failure(error, "saving what can be read of the damaged database")
        raise (DiskFull(_NO_ROOM) if isinstance(failure, DiskFull) else failure) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(_NO_ROOM) from error
        raise


def _finish(path: Path, aside: Path, keys: Keys) -> Report:
    fresh, finds = path.with_name(path.name + ".new"), path.with_name(path.name + ".finds")
    if not (aside / _REPORT).exists():
        _move_aside(path, aside)
        try:
            report = _build(aside / path.name, fresh, finds, keys)
        except BaseException:
            fresh.unlink(missing_ok=True)  # its room may be what is missing
            raise
        finally:
            finds.unlink(missing_ok=True)
        _write(aside / _REPORT, report.as_json())
    if fresh.exists():
        _move_aside(path, aside)
        fresh.replace(path)
        write_through(path.parent)
    (aside / _UNFINISHED).unlink()
    write_through(aside)
    return _read_report(aside)


def _next_directory(parent: Path) -> Path:
    numbers = [int(entry.name[len(_PREFIX) :]) for entry in _directories(parent)]
    aside = parent / f"{_PREFIX}{max(numbers, default=0) + 1}"
    aside.mkdir(mode=0o700)
    write_through(parent)
    return aside


def _directories(parent: Path) -> list[Path]:
    return [entry for entry in parent.glob(f"{_PREFIX}*") if entry.name[len(_PREFIX) :].isdecimal()]


def unfinished(parent: Path) -> Path | None:
    """Give the directory of a salvage that was begun in `parent` and not finished, None if there is none."""
    return next((entry for entry in _directories(parent) if (entry / _UNFINISHED).exists()), None)


def _move_aside(path: Path, aside: Path) -> None:
    """Move what lies in the place of the database; what was put there later goes to a directory of its own."""
    there = [file for suffix in _SUFFIXES if (file := path.with_name(path.name + suffix)).exists()]
    if any((aside / file.name).exists() for file in there):
        aside = _next_directory(path.parent)
    for file in reversed(there):  # the database last: as long as it is there, its journal is known to be its own
        file.replace(aside / file.name)
    write_through(aside)
    write_through(path.parent)


def _build(damaged: Path, fresh: Path, index: Path, keys: Keys) -> Report:
    """Make the fresh database, complete and synced."""
    key = key_of(damaged, keys, fresh.parent)
    for leftover in (fresh, index):
        leftover.unlink(missing_ok=True)
    begun = json.loads((damaged.parent / _UNFINISHED).read_text(encoding="utf-8"))
    report = Report(int(damaged.parent.name[len(_PREFIX) :]), begun["at"], begun["why"], damaged.parent.name)
    recorder = Recorder(report, damaged.parent, texts=not (key or keys.wanted))
    raw = connect_bare(fresh, keys.wanted)
    try:
        for pragma in ("auto_vacuum = INCREMENTAL", "journal_mode = OFF", "synchronous = OFF"):
            raw.execute(f"PRAGMA {pragma}").fetchall()
        fresh.chmod(0o600)
        migrate(raw, fresh, steps())
        with Image(damaged, key, salts(fresh.parent)) as image:
            _fill(raw, image, index, recorder)
    finally:
        raw.close()
        recorder.close()
    write_through(fresh)
    return report


def _fill(fresh: sqlite.Connection, image: Image, index: Path, recorder: Recorder) -> None:
    """Fill the fresh database in one transaction, without its triggers: rows come in whatever state they are."""
    shapes = read_shapes(fresh)
    finds = Finds(image, shapes, index)
    try:
        finds.scan()
        triggers = fresh.execute(_SQL["triggers"]).fetchall()
        fresh.execute("BEGIN")
        for name, _ in triggers:
            fresh.execute(f"DROP TRIGGER {name}")
        fill_tables(fresh, finds, shapes, recorder)
        _fill_outbox(fresh, finds, recorder)
        report = recorder.report
        report.audit = _go_on_with_audit(fresh, finds, report)
        for _, sql in triggers:
            fresh.execute(sql)
        details = json.dumps(report.as_json())
        fresh.execute(_SQL["insert_incident"], (report.at, report.words, details))
        fresh.execute("COMMIT")
    finally:
        finds.close()


def _fill_outbox(fresh: sqlite.Connection, finds: Finds, recorder: Recorder) -> None:
    requests = Requests(fresh, recorder)
    requests.fill(finds)
    old = old_tallies(finds)
    sales = Sales(fresh, requests, recorder, recorder.report.at)
    sales.fill(finds, old["accepted"][0] if old else None, old_purged(finds))
    requests.finish()
    fresh.execute(_SQL["forget_attempts"])
    recorder.report.states = rebuild_books(fresh, old)
    recorder.report.rows = dict(recorder.rows)
    if sales.newest > fresh.execute(_SQL["newest"]).fetchone()[0]:
        fresh.execute(_SQL["set_sequences_given"], (str(sales.newest),))


def _go_on_with_audit(fresh: sqlite.Connection, finds: Finds, report: Report) -> list[str]:
    """Note in the audit that it was salvaged, and what is wrong with it since; gives that."""
    let_go_again(fresh)
    given = [copy.row["seq"] for copy in finds.rows(SEQUENCES.name) if copy.certain and copy.row["name"] == "audit"]
    give_none_twice(max((number for number in given if isinstance(number, int)), default=0), fresh)
    chain(fresh)
    found = verify(fresh).faults
    reason = " ".join([f"Saved from {report.directory}.", *found[:FAULTS_NOTED_MAX]])
    audit(Deed(Action.SALVAGE, PROGRAM, reason), None, report.at, fresh)
    return found


def _read_report(aside: Path) -> Report:
    kept = json.loads((aside / _REPORT).read_text(encoding="utf-8"))
    del kept["words"]
    return Report(**kept)


def _write(file: Path, content: dict[str, object]) -> None:
    part = file.with_suffix(".part")
    part.write_text(json.dumps(content, indent=1), encoding="utf-8")
    write_through(part)
    part.replace(file)
    write_through(file.parent)
