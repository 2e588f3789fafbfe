"""A database of every schema so far becomes one of the newest, with nothing in it lost or changed."""

import asyncio
import random
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from store_agent.agent.ways import Ways
from store_agent.clock import SystemClock
from store_agent.config.load import load
from store_agent.domain.backoff import Backoff
from store_agent.domain.link import LinkRules
from store_agent.drain.drain import Drain
from store_agent.drain.line import LineRules
from store_agent.errors import StorageFailure
from store_agent.sandbox.server import SandboxServer
from store_agent.storage import database as opening
from store_agent.storage import sqlite
from store_agent.storage.database import FILE_NAME, Database, open_database
from store_agent.storage.intake import Intake
from store_agent.storage.integrity import find_damage
from store_agent.storage.migrate import steps
from store_agent.storage.outbox import Outbox
from tests.storage.make_schema import FOLDER, STATES, body_of, facts_of, make, request_of
from tests.support.agent import config_text, free_port
from tests.support.arrivals import another

NEWEST = len(steps())
SCHEMAS = sorted(int(path.stem.rpartition("-")[2]) for path in FOLDER.glob("schema-*.sql"))

KEPT = {
    "revision": "sequence, transaction_id, terminal, digest, forwarded, alone, size, amount, codes, state, batch,"
    " error, attempts, accepted_at, settled_at",
    "payload": "sequence, body",
    "batch": "number, request_id, endpoint, body, state, members, frozen_at, answered_at",
    "receipt_code": "code, transaction_id, payment, minted, kept_at",
    "terminal": "name, token_hash, added_at, revoked_at",
    "tally": "state, revisions, amount",
    "audit": "number, at, who, action, sequence, reason",
    "business_day": "number, closed_at, closed_by, reason, tallies",
    "milestone": "lived, sequence, batch",
    "purged": "state, revisions, amount",
    "incident": "number, at, words, details",
    "print_job": "number, printer, about, content, state, attempts, doubts, error, age, created_at, settled_at",
    "attempt": "sequence, number, first_at, last_at, times, words, said",
}
"""Table -> what must be in it afterwards as it was before, where the older schema has the table."""


def restored(directory: Path, schema: int) -> Path:
    """Make the database of an older version; gives its file."""
    directory.mkdir(mode=0o700, exist_ok=True)
    file = directory / FILE_NAME
    with closing(sqlite.connect(str(file), isolation_level=None)) as raw:
        raw.executescript((FOLDER / f"schema-{schema}.sql").read_text(encoding="utf-8"))
    return file


def content(file: Path, tables: Sequence[str] | None = None) -> dict[str, list[Any]]:
    """Read what must be kept."""
    with closing(sqlite3.connect(file)) as raw:
        there = {name for (name,) in raw.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        chosen = [name for name in KEPT if name in there] if tables is None else tables
        return {name: raw.execute(f"SELECT {KEPT[name]} FROM {name} ORDER BY 1").fetchall() for name in chosen}


def copies_in(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.glob("before-schema-*.db"))


def newest(raw: sqlite.Connection) -> tuple[int, str, bool]:
    version = raw.execute("PRAGMA user_version").fetchone()[0]
    found = find_damage(raw, 10.0, SystemClock())
    return version, found.damage, found.complete


def test_there_is_a_database_of_every_schema() -> None:
    assert list(range(1, NEWEST + 1)) == SCHEMAS, "python -m tests.storage.make_schema makes the missing one"


def everything(raw: sqlite.Connection) -> dict[str, list[Any]]:
    """Read the schema and every row."""
    tables = [name for (name,) in raw.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
    found = {name: sorted(raw.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for name in tables}
    return found | {"schema": raw.execute("SELECT name, sql FROM sqlite_schema ORDER BY type, name").fetchall()}


@pytest.mark.parametrize("schema", SCHEMAS)
def test_the_files_are_what_the_command_makes(tmp_path: Path, schema: int) -> None:
    with (
        closing(sqlite.connect(":memory:", isolation_level=None)) as made,
        closing(sqlite.connect(str(restored(tmp_path, schema)))) as kept,
    ):
        make(made, schema)
        assert everything(kept) == everything(made)


@pytest.mark.parametrize("schema", SCHEMAS)
def test_every_state_of_a_sale_is_in_the_files(tmp_path: Path, schema: int) -> None:
    rows = content(restored(tmp_path, schema))["revision"]
    assert {row[9] for row in rows} == {state for _, state in STATES.values()}


@pytest.mark.parametrize("schema", SCHEMAS)
async def test_an_upgrade_loses_and_changes_nothing_G2(tmp_path: Path, schema: int) -> None:
    file = restored(tmp_path, schema)
    before = content(file)
    async with open_database(tmp_path, SystemClock()) as database:
        assert await database.read(newest) == (NEWEST, "", True)
        books = await Outbox(database, SystemClock()).books()
        assert books.balanced
        assert books.accepted.revisions == len(STATES)
    assert content(file, list(before)) == before
    assert copies_in(tmp_path) == [f"before-schema-{schema + 1}.db"] * (schema < NEWEST)
    if schema < NEWEST:
        assert content(tmp_path / f"before-schema-{schema + 1}.db") == before


@pytest.mark.parametrize("step", range(2, NEWEST + 1))
async def test_an_upgrade_that_loses_a_sale_would_be_noticed_G2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    todo = steps()
    todo[step - 1] += "\nDELETE FROM payload WHERE sequence = 3;"
    monkeypatch.setattr(opening, "steps", lambda: todo)
    file = restored(tmp_path, step - 1)
    before = content(file)
    async with open_database(tmp_path, SystemClock()) as database:
        _, damage, _ = await database.read(newest)
    assert content(file, list(before)) != before
    assert "sale 3 is missing" in damage


async def sent_by(database: Database, platform: SandboxServer, folder: Path) -> dict[str, str]:
    """Let the real drain send everything; gives the bodies that arrived by request_id."""
    config = folder / "config.toml"
    config.write_text(config_text(folder, platform.url, free_port()))
    settings, clock = load(config), SystemClock()
    ways = Ways(settings, clock)
    rules = LineRules(link=LinkRules(Backoff(base=0.01, cap=0.01)))
    drain = Drain(Outbox(database, clock), ways.platform, clock, chance=random.random, rules=rules, tell=lambda _: None)
    running = asyncio.create_task(drain.run())
    await asyncio.to_thread(platform.wait_for, lambda totals: totals["transactions_accepted"] >= 5)
    drain.stop()
    await running
    await ways.close()
    return {request["request_id"]: request["body"] for request in platform.account(bodies=True)["requests"]}


@pytest.mark.parametrize("schema", SCHEMAS)
async def test_requests_frozen_by_an_older_version_go_out_as_they_are_G3(
    tmp_path: Path, platform: SandboxServer, schema: int
) -> None:
    restored(tmp_path / "data", schema)
    async with open_database(tmp_path / "data", SystemClock()) as database:
        arrived = await sent_by(database, platform, tmp_path)
    for number in (2, 5):
        request_id, _, body = request_of(number)
        assert arrived[request_id] == body.decode()
    text = "".join(arrived.values())
    assert all(body_of(sequence).decode() in text for sequence in (3, 11)), "what waits goes out with its own text"
    assert not any(body_of(sequence).decode() in text for sequence in (2, 4, 7, 8))


async def test_a_request_that_an_upgrade_changed_would_be_noticed_G3(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two guards: the schema refuses the change, and the seal tells it where the guard is gone."""
    changed = "UPDATE batch SET body = CAST(replace(CAST(body AS TEXT), '10.0', '99.0') AS BLOB) WHERE number = 2;"
    file = restored(tmp_path, NEWEST)
    with closing(sqlite.connect(str(file), isolation_level=None)) as raw, pytest.raises(sqlite.Error, match="frozen"):
        raw.execute(changed)
    monkeypatch.setattr(opening, "steps", lambda: [*steps(), f"DROP TRIGGER batch_bytes_are_frozen; {changed}"])
    async with open_database(tmp_path, SystemClock()) as database:
        with pytest.raises(StorageFailure):
            await Outbox(database, SystemClock()).body(2)


@pytest.mark.parametrize("schema", SCHEMAS)
async def test_the_store_goes_on_where_it_was_G8_G9(tmp_path: Path, schema: int) -> None:
    restored(tmp_path, schema)
    async with open_database(tmp_path, SystemClock()) as database:
        intake = Intake(database, SystemClock(), lambda: "00000000-0000-4000-8000-000000000999")
        again, new = await intake.accept([another("T-changed"), another("T-new")])
    assert again.sequence == len(STATES) + 1
    assert [code.code for code in again.codes] == [facts_of(3).codes.split('"')[3]]  # type: ignore[union-attr]
    assert [code.code for code in new.codes] == ["00000000-0000-4000-8000-000000000999"]
