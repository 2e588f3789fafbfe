"""The database opens as it must, or says why not."""

import asyncio
import errno
import os
import re
import sqlite3
import threading
from functools import partial
from pathlib import Path

import pytest

from store_agent.clock import SystemClock
from store_agent.domain.lifecycle import MOVES, State
from store_agent.errors import CannotCreate, ConfigurationError, Damaged, DiskFull, StorageFailure, TemporaryFailure
from store_agent.storage import sqlite
from store_agent.storage.connection import Connection
from store_agent.storage.database import FILE_NAME, Database, Mending, open_database
from store_agent.storage.migrate import migrate, steps
from store_agent.storage.queries import load

QUERIES = ["outbox", "attempts", "revisions", "exports", "intake", "receipts", "codes", "desk", "terminals"]


def pragma(name: str, raw: sqlite.Connection) -> object:
    return raw.execute(f"PRAGMA {name}").fetchone()[0]


async def test_every_commit_is_synced_to_a_write_ahead_log_G1(database: Database) -> None:
    def settings(raw: sqlite.Connection) -> list[object]:
        return [pragma(name, raw) for name in ("journal_mode", "synchronous", "foreign_keys", "auto_vacuum")]

    assert await database.write(settings) == ["wal", 2, 1, 2]


async def test_readers_cannot_write(database: Database) -> None:
    with pytest.raises(StorageFailure, match="readonly"):
        await database.read(lambda raw: raw.execute("DELETE FROM tally"))


@pytest.mark.parametrize("version", [(3, 40, 1), (3, 51, 2)])
def test_an_sqlite_that_can_lose_committed_rows_is_refused(version: tuple[int, ...]) -> None:
    with pytest.raises(ConfigurationError, match="WAL-reset"):
        sqlite.refuse_affected(version)
    sqlite.refuse_affected((3, 51, 3))
    sqlite.refuse_affected()


async def test_a_second_agent_is_kept_out(tmp_path: Path) -> None:
    async with open_database(tmp_path, SystemClock()):
        with pytest.raises(TemporaryFailure, match="Another store-agent"):
            async with open_database(tmp_path, SystemClock()):
                pass
    async with open_database(tmp_path, SystemClock()):
        pass


async def test_a_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotCreate, match="storage.directory"):
        async with open_database(tmp_path / "file" / "data", SystemClock()):
            pass


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory to another user")
async def test_a_directory_of_another_user_is_left_alone(tmp_path: Path) -> None:
    os.chown(tmp_path, 1, 1)
    with pytest.raises(CannotCreate, match="belongs to"):
        async with open_database(tmp_path, SystemClock()):
            pass
    assert not (tmp_path / FILE_NAME).exists()


async def test_only_the_agent_s_user_can_read_the_files(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    async with open_database(directory, SystemClock()):
        assert directory.stat().st_mode & 0o777 == 0o700
        assert (directory / FILE_NAME).stat().st_mode & 0o777 == 0o600


async def test_a_database_newer_than_the_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    async with open_database(tmp_path, SystemClock()):
        pass
    path = tmp_path / FILE_NAME
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA user_version = 999")
    raw.close()
    before = path.read_bytes()
    with pytest.raises(ConfigurationError, match="newer store-agent"):
        async with open_database(tmp_path, SystemClock()):
            pass
    assert path.read_bytes() == before


async def test_a_newer_database_that_older_programs_can_use_is_used_as_it_is(tmp_path: Path) -> None:
    async with open_database(tmp_path, SystemClock()):
        pass
    raw = sqlite3.connect(tmp_path / FILE_NAME)
    raw.executescript("CREATE TABLE something_new (x); PRAGMA user_version = 999;")
    raw.execute("INSERT INTO meta VALUES ('schema_999_usable_from', ?)", (len(steps()),))
    raw.commit()
    raw.close()
    async with open_database(tmp_path, SystemClock()) as database:
        assert await database.read(lambda raw: raw.execute("PRAGMA user_version").fetchone()) == (999,)


async def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"not a database at all" * 500)
    with pytest.raises(StorageFailure, match=FILE_NAME):
        async with open_database(tmp_path, SystemClock()):
            pass


def migrated(path: Path, todo: list[str]) -> None:
    raw = sqlite.connect(str(path), isolation_level=None)
    try:
        migrate(raw, path, todo)
    finally:
        raw.close()


def test_a_migration_is_preceded_by_a_complete_copy(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    migrated(path, steps())
    with sqlite3.connect(path) as raw:
        raw.execute("INSERT INTO terminal (name, token_hash, added_at) VALUES ('lane-1', zeroblob(32), 1)")
    raw.close()
    migrated(path, [*steps(), "DELETE FROM terminal;"])
    copy = sqlite3.connect(path.with_name(f"before-schema-{len(steps()) + 1}.db"))
    assert copy.execute("SELECT name FROM terminal").fetchall() == [("lane-1",)]
    assert copy.execute("PRAGMA user_version").fetchone() == (len(steps()),)
    copy.close()


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    migrated(path, steps())
    with pytest.raises(sqlite.Error):
        migrated(path, [*steps(), "CREATE TABLE half (a) STRICT; SELECT nothing FROM nowhere;"])
    raw = sqlite3.connect(path)
    assert raw.execute("PRAGMA user_version").fetchone() == (len(steps()),)
    assert raw.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'half'").fetchone() == (0,)
    raw.close()


async def test_a_migrated_database_opens_again_as_it_is(tmp_path: Path) -> None:
    for _ in range(2):
        async with open_database(tmp_path, SystemClock()) as database:
            assert await database.read(lambda raw: pragma("user_version", raw)) == len(steps())
            assert await database.read(lambda raw: pragma("integrity_check", raw)) == "ok"


def forced(state: State, raw: sqlite.Connection) -> None:
    """Bring a new revision into a state on legal moves only."""
    way = {
        State.WAITING: [],
        State.FROZEN: [State.FROZEN],
        State.HELD: [State.HELD],
        State.PARKED: [State.FROZEN, State.PARKED],
        State.DELIVERED: [State.FROZEN, State.DELIVERED],
        State.SUPERSEDED: [State.SUPERSEDED],
        State.DISCARDED: [State.FROZEN, State.PARKED, State.DISCARDED],
    }
    raw.execute(
        "INSERT INTO revision (transaction_id, terminal, digest, forwarded, alone, size, closed, voided, live,"
        " accepted_at) VALUES (hex(randomblob(8)), 't', zeroblob(32), '', 0, 0, 0, 0, 0, 0)"
    )
    raw.execute("UPDATE revision SET batch = 1 WHERE sequence = (SELECT max(sequence) FROM revision)")
    for step in way[state]:
        moved(step, raw)


def moved(state: State, raw: sqlite.Connection) -> None:
    if state is State.DISCARDED:
        raw.execute(
            "INSERT INTO audit (at, who, action, sequence, reason)"
            " SELECT 0, 'Ada', 'discard', max(sequence), 'because' FROM revision"
        )
    raw.execute("UPDATE revision SET state = ? WHERE sequence = (SELECT max(sequence) FROM revision)", (state.value,))


@pytest.mark.parametrize("before", list(State))
@pytest.mark.parametrize("then", list(State))
def test_the_database_allows_exactly_the_moves_of_the_table_G2(tmp_path: Path, before: State, then: State) -> None:
    path = tmp_path / "some.db"
    migrated(path, steps())
    raw = sqlite.connect(str(path), isolation_level=None)
    try:
        raw.execute("INSERT INTO batch (request_id, endpoint, body, members, frozen_at) VALUES ('r', 'e', x'00', 1, 0)")
        forced(before, raw)
        if then in MOVES[before]:
            moved(then, raw)
        else:
            with pytest.raises(sqlite.Error, match="cannot move"):
                moved(then, raw)
    finally:
        raw.close()


async def test_nothing_leaves_the_books_before_it_is_settled_G2(database: Database) -> None:
    def tried(raw: sqlite.Connection) -> str:
        forced(State.WAITING, raw)
        forced(State.WAITING, raw)
        try:
            raw.execute("DELETE FROM revision WHERE sequence = 1")
        except sqlite.Error as error:
            return str(error)
        return "deleted"

    def prepared(raw: sqlite.Connection) -> None:
        raw.execute("INSERT INTO batch (request_id, endpoint, body, members, frozen_at) VALUES ('r', 'e', x'00', 1, 0)")

    await database.write(prepared)
    assert await database.write(tried) == "a revision that is not settled cannot be deleted"


async def test_a_frozen_request_cannot_be_changed_G3(database: Database) -> None:
    def prepared(raw: sqlite.Connection) -> None:
        raw.execute("INSERT INTO batch (request_id, endpoint, body, members, frozen_at) VALUES ('r', 'e', x'00', 1, 0)")

    await database.write(prepared)
    for column, value in (("body", b"\x01"), ("request_id", "other"), ("endpoint", "other")):
        with pytest.raises(StorageFailure, match="frozen request"):
            await database.write(lambda raw, c=column, v=value: raw.execute(f"UPDATE batch SET {c} = ?", (v,)))  # type: ignore[misc]


SCANS = (
    "batch_frozen",
    "revision_parked_by_burst",
    "CONSTANT ROW",
    "VIRTUAL TABLE",
    "(subquery",
    "business_day",
    "tally",
)
"""The few frozen or parked ones, the list that a query was given, a bounded part of a list, the last day, counts."""

PLANS = {
    "waiting_candidates": "revision_by_state",
    "page": "revision_by_state (state=? AND sequence>?)",
    "page_before": "revision_by_state (state=? AND sequence<?)",
    "scanned": "revision_by_state (state=? AND sequence>?)",
    "scanned_before": "revision_by_state (state=? AND sequence<?)",
    "extent": "revision_by_state (state=?)",
    "parked_by_burst": "revision_parked_by_burst",
    "supersede_if_overtaken": "revision_by_transaction (transaction_id=? AND sequence>?)",
    "supersede_older": "revision_by_transaction (transaction_id=? AND sequence<?)",
    "audit_of": "audit_by_sequence",
    "oldest_of": "revision_by_state",
    "sizes": "INTEGER PRIMARY KEY",
    "earlier_revisions": "revision_by_transaction",
    "supersede": "revision_by_transaction",
    "frozen_batches": "batch_frozen",
    "frozen_members": "revision_by_batch",
    "deliver_members": "revision_by_batch",
    "park_members": "revision_by_batch",
    "release_members": "revision_by_batch",
    "note_members": "revision_by_batch",
    "released_members": "revision_by_batch",
    "supersede_overtaken": "revision_by_batch",
    "show": "INTEGER PRIMARY KEY",
    "owner_of": "PRIMARY KEY",
    "known": "PRIMARY KEY (code=?)",
    "codes_of": "receipt_code_by_transaction",
    "newest_of": "revision_by_transaction",
    "written_codes": "revision_by_transaction",
    "kept_codes": "receipt_code_by_transaction",
    "use_codes": "receipt_code_by_transaction (transaction_id=? AND code=?)",
    "retire_codes": "receipt_code_by_transaction (transaction_id=? AND code=?)",
    "retired_among": "PRIMARY KEY (code=?)",
    "too_many_ahead": "receipt_code_ahead",
    "receipts_of": "receipt_code_by_transaction",
    "codes_ending": "receipt_code_by_end (<expr>=?)",
    "transactions_ending": "receipt_code_by_transaction_end (<expr>=?)",
    "taken_by": "INTEGER PRIMARY KEY",
    "of_amount": "revision_by_amount (amount=? AND accepted_at>? AND accepted_at<?)",
}


@pytest.mark.parametrize("noun", QUERIES)
async def test_every_query_uses_an_index_and_sorts_nothing(database: Database, noun: str) -> None:
    for name, statement in load(noun).items():
        if "INSERT" in statement or name in ("all", "tallies"):
            continue

        def explained(raw: sqlite.Connection, statement: str = statement) -> list[str]:
            names = dict.fromkeys(re.findall(r":(\w+)", statement))
            values = names or [None] * statement.count("?")
            return [row[3] for row in raw.execute("EXPLAIN QUERY PLAN " + statement, values).fetchall()]

        plan = await database.write(explained)
        text = "; ".join(plan)
        scans = [line for line in plan if line.startswith("SCAN") and not any(fine in line for fine in SCANS)]
        assert scans == [], (name, text)
        assert "USE TEMP B-TREE" not in text, (name, text)
        assert PLANS.get(name, "") in text, (name, text)


async def test_a_query_without_an_index_would_be_noticed(database: Database) -> None:
    """The control for the test above: a plan that scans says so."""

    def explained(raw: sqlite.Connection) -> str:
        return str(raw.execute("EXPLAIN QUERY PLAN SELECT * FROM revision WHERE amount = 1").fetchone()[3])

    assert (await database.write(explained)).startswith("SCAN")


async def test_closing_lets_every_connection_go(tmp_path: Path) -> None:
    async with open_database(tmp_path, SystemClock()) as database:
        await asyncio.gather(*(database.read(lambda raw: pragma("user_version", raw)) for _ in range(20)))
    assert not (tmp_path / f"{FILE_NAME}-wal").exists()


ENDLESS = "WITH RECURSIVE number (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM number) SELECT max(x) FROM number"


async def test_a_long_read_does_not_keep_the_database_from_being_closed(tmp_path: Path) -> None:
    begun = threading.Event()

    def read(raw: sqlite.Connection) -> None:
        begun.set()
        raw.execute(ENDLESS).fetchall()

    async with open_database(tmp_path, SystemClock()) as database:
        reading = asyncio.create_task(database.read(read))
        await asyncio.to_thread(begun.wait, 10)
    with pytest.raises(StorageFailure, match="interrupted"):
        await reading


async def test_a_read_that_begins_while_the_database_is_closed_is_ended_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interrupt meets only what runs at that moment."""
    begun, interrupted = threading.Event(), threading.Event()
    interrupt = Connection.interrupt

    async def note(connection: Connection) -> None:
        await interrupt(connection)
        interrupted.set()

    def read(raw: sqlite.Connection) -> None:
        begun.set()
        interrupted.wait(10)
        raw.execute(ENDLESS).fetchall()

    monkeypatch.setattr(Connection, "interrupt", note)
    async with open_database(tmp_path, SystemClock()) as database:
        reading = asyncio.create_task(database.read(read))
        await asyncio.to_thread(begun.wait, 10)
    with pytest.raises(StorageFailure, match="interrupted"):
        await reading


@pytest.mark.parametrize(
    ("code", "words", "kind"),
    [
        (13, "database or disk is full", DiskFull),
        (11, "database disk image is malformed", Damaged),
        (26, "file is not a database", Damaged),
        (522, "disk I/O error", Damaged),
        (None, "Could not decode to UTF-8 column 'terminal'", Damaged),
        (778, "disk I/O error", StorageFailure),
        (5, "database is locked", StorageFailure),
    ],
)
def test_what_sqlite_says_is_told_by_what_it_means(code: int | None, words: str, kind: type[StorageFailure]) -> None:
    error = sqlite.Error(words)
    if code is not None:
        error.sqlite_errorcode = code
    assert type(sqlite.failure(error, "a write")) is kind


async def test_no_room_to_begin_a_salvage_is_a_full_disk_and_leaves_nothing_G12_G13(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_database(tmp_path, SystemClock()):
        pass
    (tmp_path / FILE_NAME).write_bytes(b"not a database at all" * 500)

    def no_room(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    told: list[str] = []
    opening = partial(open_database, tmp_path, SystemClock(), Mending(1.0, told.append))
    with monkeypatch.context() as full:
        full.setattr("store_agent.storage.salvage.course._write", no_room)
        with pytest.raises(DiskFull):
            async with opening():
                pass
    assert set_aside(tmp_path) == []
    async with opening():
        assert set_aside(tmp_path) == ["damaged-1"]
    assert len(told) == 2


def set_aside(directory: Path) -> list[str]:
    return [path.name for path in directory.glob("damaged-*")]
