"""The audit is a chain: what is changed, deleted or put in past the program shows, and is named by number."""

import asyncio
import shutil
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from store_agent.clock import SystemClock
from store_agent.domain.chain import Chained, Facts, Link, faults, hash_of
from store_agent.domain.repair import Action, Deed
from store_agent.errors import Unavailable
from store_agent.storage import sqlite
from store_agent.storage.audit import Verdict, let_go
from store_agent.storage.backup import Backups
from store_agent.storage.configurations import Configurations
from store_agent.storage.database import FILE_NAME, open_database
from store_agent.storage.merge import Restoring
from store_agent.storage.migrate import steps
from store_agent.storage.peek import verify_audit
from store_agent.storage.repair import Entry, Repair
from store_agent.storage.restore import prepared
from store_agent.storage.retention import DAY_SECONDS, Keep, Retention
from store_agent.storage.salvage.course import salvage
from tests.storage.test_upgrade import restored

ENTRIES = 9
CLOCK = SystemClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with ENTRIES entries, closed."""
    asyncio.run(_written(tmp_path, ENTRIES))
    return tmp_path / FILE_NAME


async def _written(directory: Path, count: int) -> None:
    async with open_database(directory, CLOCK) as database:
        for number in range(count):
            await Repair(database, CLOCK).note(Deed(Action.DRAIN, "Ada", f"reason {number}"))


def found(path: Path, noted: Link | None = None) -> Verdict:
    return verify_audit(path, noted)


@contextmanager
def past_the_program(path: Path) -> Iterator[sqlite.Connection]:
    """Give a connection to a database without its triggers, which come back afterwards."""
    with closing(sqlite.connect(str(path), isolation_level=None)) as raw:
        triggers = raw.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            raw.execute(f"DROP TRIGGER {name}")
        yield raw
        for _, sql in triggers:
            raw.execute(sql)


def test_what_nobody_touched_is_whole(path: Path) -> None:
    verdict = found(path)
    assert verdict.faults == []
    assert (verdict.anchor.number, verdict.newest.number, verdict.entries) == (0, ENTRIES, ENTRIES)
    assert found(path, verdict.newest).faults == []


@pytest.mark.parametrize(
    "change", ["who = 'Eve'", "reason = 'another'", "at = at + 1", "action = 'retry'", "sequence = 7"]
)
@pytest.mark.parametrize("number", [1, 4, ENTRIES])
def test_a_changed_entry_is_named(path: Path, number: int, change: str) -> None:
    with past_the_program(path) as raw:
        raw.execute(f"UPDATE audit SET {change} WHERE number = ?", (number,))
    assert found(path).faults == [f"Entry {number} was changed after it was written."]


def test_an_entry_that_was_changed_with_its_hash_breaks_what_follows(path: Path) -> None:
    with past_the_program(path) as raw:
        *said, previous = raw.execute(
            "SELECT number, at, 'Eve', action, sequence, reason, previous FROM audit WHERE number = 4"
        ).fetchone()
        raw.execute("UPDATE audit SET who = 'Eve', hash = ? WHERE number = 4", (hash_of(previous, Facts(*said)),))
    assert found(path).faults == ["Entry 5 does not follow what stands before it: entry 4 was replaced."]


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        ("number = 1", "Entry 1 is missing"),
        ("number BETWEEN 4 AND 6", "Entries 4 to 6 are missing"),
        ("number >= 8", "Entries 8 to 9 are missing"),
        ("true", "Entries 1 to 9 are missing"),
    ],
)
def test_deleted_entries_are_named_also_at_the_end(path: Path, gone: str, said: str) -> None:
    with past_the_program(path) as raw:
        raw.execute(f"DELETE FROM audit WHERE {gone}")
    (fault,) = found(path).faults
    assert fault.startswith(said)


def test_an_entry_put_in_past_the_program_shows(path: Path) -> None:
    with past_the_program(path) as raw:
        raw.execute("INSERT INTO audit (at, who, action, reason) VALUES (1, 'Eve', 'drain', '')")
    (fault,) = found(path).faults
    assert fault.startswith("Entry 10 is not in the chain")


@pytest.mark.parametrize("number", [0, -7])
def test_an_entry_put_in_before_all_others_shows(path: Path, number: int) -> None:
    with past_the_program(path) as raw:
        raw.execute("INSERT INTO audit (number, at, who, action, reason) VALUES (?, 1, 'Eve', 'drain', '')", (number,))
    asyncio.run(_written(path.parent, 1))  # which chains what it finds
    (fault,) = found(path).faults
    assert fault.startswith(f"Entry {number} was put in past the program")


def test_a_chain_that_was_made_anew_shows_against_what_was_noted(path: Path) -> None:
    noted = found(path).newest
    with past_the_program(path) as raw:
        raw.execute("UPDATE audit SET who = 'Eve', previous = NULL, hash = NULL, lived = NULL")
    asyncio.run(_written(path.parent, 1))  # the program chains what it finds, as if an older one had written it
    assert found(path).faults == []
    (fault,) = found(path, noted).faults
    assert fault == "Entry 9 is not the one that was noted: the record was written anew up to it, or cut off."


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET who = 'Eve' WHERE number = 3",
        "UPDATE audit SET hash = zeroblob(32) WHERE number = 3",
        "UPDATE audit SET previous = NULL, hash = NULL, lived = NULL WHERE number = 3",
        "DELETE FROM audit WHERE number = 3",
        "DELETE FROM audit",
        "UPDATE meta SET value = '3 ' || lower(hex(zeroblob(32))) WHERE key = 'audit_anchor'",
        "UPDATE meta SET value = '99 ' || lower(hex(zeroblob(32))) WHERE key = 'audit_anchor'",
        "DELETE FROM meta WHERE key = 'audit_anchor'",
        "DELETE FROM meta",
    ],
)
def test_the_database_itself_refuses_to_change_or_delete_entries(path: Path, statement: str) -> None:
    with (
        closing(sqlite.connect(str(path), isolation_level=None)) as raw,
        pytest.raises(sqlite.Error, match="cannot be"),
    ):
        raw.execute(statement)
    assert found(path).faults == []


async def test_what_retention_lets_go_leaves_a_chain_that_can_be_verified(tmp_path: Path) -> None:
    keep = Keep(30, 1_000, audit_days=100)
    async with open_database(tmp_path, CLOCK) as database:
        repair, retention = Repair(database, CLOCK), Retention(database)
        for number in range(250):
            await repair.note(Deed(Action.DRAIN, "Ada", str(number)))
        await retention.purge_audit(await retention.live(99 * DAY_SECONDS, keep), keep)
        assert len(await repair.audit(None, 1_000)) == 250
        await repair.note(Deed(Action.DRAIN, "Ada", "later"))
        await retention.purge_audit(await retention.live(2 * DAY_SECONDS, keep), keep)
        assert [entry.reason for entry in await repair.audit(None, 1_000)] == ["later"]
    verdict = found(tmp_path / FILE_NAME)
    assert (verdict.faults, verdict.anchor.number, verdict.newest.number) == ([], 250, 251)
    with past_the_program(tmp_path / FILE_NAME) as raw:
        raw.execute("UPDATE audit SET who = 'Eve'")
    assert found(tmp_path / FILE_NAME).faults == ["Entry 251 was changed after it was written."]


async def test_the_newest_entry_stays_however_old_it_is(tmp_path: Path) -> None:
    await _written(tmp_path, 3)
    keep = Keep(30, 1_000, audit_days=30)
    async with open_database(tmp_path, CLOCK) as database:
        await Retention(database).purge_audit(await Retention(database).live(999 * DAY_SECONDS, keep), keep)
        assert [entry.number for entry in await Repair(database, CLOCK).audit(None, 10)] == [3]
    assert found(tmp_path / FILE_NAME).faults == []


@pytest.mark.parametrize("schema", [2, 10])
def test_entries_of_an_older_version_are_chained_when_it_is_upgraded(tmp_path: Path, schema: int) -> None:
    path = restored(tmp_path, schema)
    with pytest.raises(Unavailable, match="older store-agent"):
        found(path)
    asyncio.run(_written(tmp_path, 1))
    verdict = found(path)
    assert verdict.faults == []
    assert verdict.entries > 1


def test_entries_of_an_older_version_on_this_schema_are_chained_at_the_next_start(path: Path) -> None:
    with closing(sqlite.connect(str(path), isolation_level=None)) as raw:
        raw.execute("INSERT INTO audit (at, who, action, reason) VALUES (1, 'Bob', 'drain', '')")
    asyncio.run(_written(path.parent, 0))
    assert found(path).faults == []
    assert found(path).newest.number == 10


def salvaged(path: Path) -> str:
    salvage(path, "for the test", CLOCK)
    with closing(sqlite.connect(str(path))) as raw:
        return str(raw.execute("SELECT words FROM incident").fetchone()[0])


def test_a_salvage_that_lost_nothing_leaves_the_chain_as_it_was_and_says_that_it_was(path: Path) -> None:
    noted = found(path).newest
    assert "store-agent audit verify" not in salvaged(path)
    verdict = found(path, noted)
    assert (verdict.faults, verdict.newest.number) == ([], ENTRIES + 1)
    newest, *_ = asyncio.run(entries_of(path.parent))
    assert (newest.who, newest.action, newest.reason) == ("store-agent", "salvage", "Saved from damaged-1.")


@pytest.mark.parametrize(("first", "last"), [(3, 4), (8, ENTRIES), (1, ENTRIES)])
def test_a_salvage_that_lost_entries_says_which_G13(path: Path, first: int, last: int) -> None:
    with past_the_program(path) as raw:
        raw.execute("PRAGMA secure_delete = ON")
        raw.execute("DELETE FROM audit WHERE number BETWEEN ? AND ?", (first, last))
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert "store-agent audit verify" in salvaged(path)
    (fault,) = found(path).faults
    assert fault.startswith(f"Entries {first} to {last} are missing")
    newest, *_ = asyncio.run(entries_of(path.parent))
    assert (newest.number, newest.reason) == (ENTRIES + 1, f"Saved from damaged-1. {fault}")


def test_a_highest_number_that_cannot_be_right_is_not_gone_on_with_G13(path: Path) -> None:
    with past_the_program(path) as raw:
        raw.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'audit'", (2**63 - 1,))
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    salvaged(path)
    assert found(path).faults == []
    assert found(path).newest.number == ENTRIES + 1


def test_an_anchor_that_is_damaged_makes_verify_say_so_and_nothing_fail(path: Path) -> None:
    with past_the_program(path) as raw:
        raw.execute("UPDATE meta SET value = 'x' WHERE key = 'audit_anchor'")
        raw.execute("DELETE FROM audit WHERE number = 1")
    (fault,) = found(path).faults
    assert fault.startswith("Entry 1 is missing")


def test_an_anchor_that_is_gone_keeps_nobody_from_working_and_the_audit_from_being_verified(path: Path) -> None:
    with past_the_program(path) as raw:
        raw.execute("DELETE FROM meta WHERE key = 'audit_anchor'")
        raw.execute("DELETE FROM audit")
    asyncio.run(_written(path.parent, 1))
    (fault,) = found(path).faults
    assert fault.startswith("Entries 1 to 9 are missing")


async def test_what_retention_let_go_does_not_come_back_by_a_salvage(tmp_path: Path) -> None:
    await _written(tmp_path, 5)
    keep, crashed = Keep(30, 1_000, audit_days=30), tmp_path / "crashed"
    async with open_database(tmp_path, CLOCK) as database:
        await Repair(database, CLOCK).note(Deed(Action.DRAIN, "Ada", "later"))
        await Retention(database).purge_audit(await Retention(database).live(99 * DAY_SECONDS, keep), keep)
        shutil.copytree(tmp_path, crashed)  # the journal has the pages as they were before
    salvaged(crashed / FILE_NAME)
    assert [entry.reason for entry in await entries_of(crashed)] == ["Saved from damaged-1.", "later"]
    assert found(crashed / FILE_NAME).faults == []


def test_an_audit_is_verified_as_of_one_moment_whatever_retention_does_meanwhile(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def let_go_meanwhile(anchor: Link, entries: Iterator[Chained], given: int) -> Iterator[str]:
        with closing(sqlite.connect(str(path), isolation_level=None)) as raw:
            assert let_go(1, 5, raw) == 5
        return faults(anchor, entries, given)

    monkeypatch.setattr("store_agent.storage.audit.faults", let_go_meanwhile)
    assert found(path).faults == []
    monkeypatch.undo()
    assert (found(path).anchor.number, found(path).faults) == (5, [])


def restore(directory: Path, backup: Path) -> Verdict:
    with prepared(directory, backup, Restoring("Bob", 1_000, backup.name, "held"), CLOCK) as ready:
        ready.put_in_place()
    return found(directory / FILE_NAME)


def test_a_restored_backup_goes_on_with_the_chain_of_the_present_database(path: Path, tmp_path: Path) -> None:
    backup = Backups(tmp_path, tmp_path / "backups", keep=3, free_min=0).make(1.0, threading.Event()).path
    assert found(backup).faults == []
    asyncio.run(_written(tmp_path, 3))
    noted = found(path).newest
    verdict = restore(tmp_path, backup)
    assert (verdict.faults, verdict.newest.number) == ([], ENTRIES + 4)
    assert found(path, noted).faults == []


def test_entries_that_were_deleted_past_the_program_are_missing_after_a_restore_too(path: Path, tmp_path: Path) -> None:
    backup = Backups(tmp_path, tmp_path / "backups", keep=3, free_min=0).make(1.0, threading.Event()).path
    asyncio.run(_written(tmp_path, 3))
    with past_the_program(path) as raw:
        raw.execute("DELETE FROM audit WHERE number > 10")
    (fault,) = restore(tmp_path, backup).faults
    assert fault.startswith("Entries 11 to 12 are missing")


def test_entries_of_another_chain_are_chained_behind_those_of_the_backup(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    asyncio.run(_written(here, 3))
    asyncio.run(_written(there, 5))
    backup = Backups(there, tmp_path / "backups", keep=3, free_min=0).make(1.0, threading.Event()).path
    verdict = restore(here, backup)
    assert (verdict.faults, verdict.newest.number) == ([], 5 + 3 + 1)


async def entries_of(directory: Path) -> list[Entry]:
    async with open_database(directory, CLOCK) as database:
        return await Repair(database, CLOCK).audit(None, 100)


async def test_a_configuration_is_noted_once_and_what_of_it_changed(tmp_path: Path) -> None:
    async with open_database(tmp_path, CLOCK) as database:
        configurations = Configurations(database, CLOCK)
        for how, version, digests in [
            ("start", "1.0", {"a.b": "1", "a.c": "1"}),
            ("start", "1.0", {"a.b": "1", "a.c": "1"}),
            ("reload", "1.0", {"a.b": "2", "a.d": "1"}),
            ("start", "1.1", {"a.b": "2", "a.d": "1"}),
        ]:
            await configurations.loaded(how, version, digests)
    upgraded, changed, first = await entries_of(tmp_path)
    assert {entry.who for entry in (upgraded, changed, first)} == {"store-agent"}
    assert first.reason.startswith("start: digest ")
    assert first.reason.endswith("; the first one that is noted")
    assert changed.reason.startswith("reload: digest ")
    assert changed.reason.endswith("; changed: a.b, a.c, a.d")
    assert upgraded.reason.endswith("; changed: version")
    assert found(tmp_path / FILE_NAME).faults == []


async def test_a_person_who_reloads_is_named_also_if_only_a_secret_changed(tmp_path: Path) -> None:
    async with open_database(tmp_path, CLOCK) as database:
        configurations = Configurations(database, CLOCK)
        await configurations.loaded("start", "1.0", {"a.b": "1"})
        await configurations.loaded("reload", "1.0", {"a.b": "1"}, "Ada", "a new secret")
        await configurations.loaded("reload", "1.0", {"a.b": "1"})
    named, _ = await entries_of(tmp_path)
    assert named.who == "Ada"
    assert named.reason.endswith("; nothing changed, other than secrets perhaps; a new secret")


def test_the_schema_number_that_verify_knows_is_the_one_of_the_chain() -> None:
    assert "the audit becomes a chain" in steps()[10].lower()
