"""The copy before an upgrade: one, whole, and nothing left of one that failed."""

from contextlib import closing
from pathlib import Path

import pytest

from store_agent.clock import SystemClock
from store_agent.domain.batch import BatchLimits
from store_agent.domain.settle import Park
from store_agent.errors import ConfigurationError
from store_agent.storage import database as opening
from store_agent.storage import integrity, sqlite
from store_agent.storage import migrate as upgrade
from store_agent.storage import outbox as outbox_module
from store_agent.storage.database import FILE_NAME, Database, open_database
from store_agent.storage.intake import Intake
from store_agent.storage.migrate import migrate, steps
from store_agent.storage.outbox import Outbox
from tests.support.arrivals import arrival, assemble

NEXT = len(steps()) + 1
UNPACKED = 12
"""The last schema in which texts stand as they are."""
TODO = [*steps(), "CREATE TABLE one (x ANY) STRICT;", "CREATE TABLE two (x ANY) STRICT;"]


def migrated(path: Path, todo: list[str]) -> None:
    with closing(sqlite.connect(str(path), isolation_level=None)) as raw:
        migrate(raw, path, todo)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "some.db"
    migrated(path, steps())
    return path


def names(path: Path) -> list[str]:
    return sorted(entry.name for entry in path.parent.iterdir() if entry != path)


def version(path: Path) -> int:
    with closing(sqlite.connect(str(path))) as raw:
        return int(raw.execute("PRAGMA user_version").fetchone()[0])


def test_an_upgrade_of_many_steps_makes_one_copy_and_keeps_no_older_one(path: Path) -> None:
    for older in (2, NEXT - 1):
        path.with_name(f"before-schema-{older}.db").touch()
    migrated(path, TODO)
    assert names(path) == [f"before-schema-{NEXT}.db"]
    assert (version(path), version(path.parent / names(path)[0])) == (NEXT + 1, NEXT - 1)


def test_a_database_that_was_just_made_takes_no_copy_and_touches_none(tmp_path: Path) -> None:
    (tmp_path / "before-schema-2.db").touch()
    migrated(tmp_path / "fresh.db", TODO)
    assert names(tmp_path / "fresh.db") == ["before-schema-2.db"]


def test_older_copies_stay_until_the_upgrade_is_done_G2(path: Path) -> None:
    path.with_name("before-schema-2.db").touch()
    with pytest.raises(sqlite.Error):
        migrated(path, [*TODO, "SELECT nothing FROM nowhere;"])
    assert names(path) == sorted(["before-schema-2.db", f"before-schema-{NEXT}.db"])
    migrated(path, [*TODO, "CREATE TABLE three (x ANY) STRICT;"])
    assert names(path) == [f"before-schema-{NEXT + 2}.db"]


def test_a_copy_that_fails_leaves_nothing_and_no_step_is_taken_G2_G12(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_: Path) -> None:
        path.with_name(f"before-schema-{NEXT}.part-journal").touch()
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(upgrade, "write_through", failing)
        with pytest.raises(OSError, match="No space"):
            migrated(path, TODO)
        assert (names(path), version(path)) == ([], NEXT - 1)
        disk.setattr(upgrade, "_delete", lambda _: None)
        with pytest.raises(OSError, match="No space"):
            migrated(path, TODO)
        assert len(names(path)) == 2, "the control: it would be left behind"
    migrated(path, TODO)
    assert names(path) == [f"before-schema-{NEXT}.db"]


async def test_a_program_of_schema_6_uses_one_of_schema_12_and_the_newer_one_goes_on_G2(tmp_path: Path) -> None:
    """What was tried meanwhile is not told; nothing else is missing."""
    path = tmp_path / FILE_NAME
    with pytest.MonkeyPatch.context() as newer:
        newer.setattr(opening, "steps", lambda: steps()[:UNPACKED])
        async with open_database(tmp_path, SystemClock()) as database:
            await Intake(database, SystemClock(), None).accept([arrival("T-1"), arrival("T-2")])
            await answer(database, Park("by the newer one", ""))
    with pytest.MonkeyPatch.context() as older:
        older.setattr(opening, "steps", lambda: steps()[:6])
        older.setattr(integrity, "steps", lambda: steps()[:6])
        older.setattr(outbox_module, "note_attempts", lambda *_: None)
        async with open_database(tmp_path, SystemClock()) as database:
            await answer(database, Park("by the older one", ""))
    assert version(path) == UNPACKED
    async with open_database(tmp_path, SystemClock()) as database:
        outbox = Outbox(database, SystemClock())
        assert [row.error for row in (await outbox.page(0, 10)).rows] == ["by the newer one", "by the older one"]
        assert [[one.words for one in await outbox.tries(sequence)] for sequence in (1, 2)] == [
            ["by the newer one"],
            [],
        ]


async def test_a_program_that_would_send_packed_texts_leaves_them_alone_and_has_its_copy_G2(
    tmp_path: Path,
) -> None:
    older = steps()[:UNPACKED]
    path = tmp_path / FILE_NAME
    migrated(path, older)
    async with open_database(tmp_path, SystemClock()) as database:
        await Intake(database, SystemClock(), None).accept([arrival("T-1")])
    before = path.read_bytes()
    with pytest.raises(ConfigurationError, match="newer store-agent"):
        migrated(path, older)
    assert path.read_bytes() == before
    copy = tmp_path / f"before-schema-{UNPACKED + 1}.db"
    migrated(copy, older)
    assert version(copy) == UNPACKED, "what one goes back to"


async def answer(database: Database, decision: Park) -> None:
    """Settle the oldest that waits."""
    outbox = Outbox(database, SystemClock())
    (batch,) = await outbox.freeze(1, BatchLimits(count_max=1), assemble)
    await outbox.settle(batch, decision, assemble)


def test_what_an_older_program_saved_of_a_newer_database_becomes_one_again(tmp_path: Path) -> None:
    """A salvage keeps the facts, that older programs may use the newer schema among them."""
    path = tmp_path / "saved.db"
    migrated(path, steps()[:6])
    with closing(sqlite.connect(str(path), isolation_level=None)) as raw:
        raw.execute("INSERT INTO meta VALUES ('schema_7_usable_from', '6')")
    migrated(path, steps()[:7])
    assert version(path) == 7
