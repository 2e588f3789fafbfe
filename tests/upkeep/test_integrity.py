"""The check of a database that is in use: what is committed meanwhile is no damage (G13)."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from store_agent.clock import SystemClock
from store_agent.errors import Damaged, StorageFailure
from store_agent.storage import sqlite
from store_agent.storage.connection import connect_writer
from store_agent.storage.database import FILE_NAME, Database
from store_agent.storage.intake import Intake
from store_agent.storage.integrity import find_damage
from store_agent.upkeep import integrity
from store_agent.upkeep.integrity import IntegrityChore
from tests.support.arrivals import another


class Meanwhile:
    """A connection beside which something is committed after each statement. `deaf` ones open no transaction."""

    def __init__(self, raw: sqlite.Connection, act: Callable[[], object], *, deaf: bool) -> None:
        self._raw = raw
        self._act = act
        self._deaf = deaf

    def execute(self, sql: str, *parameters: Any) -> Any:
        if self._deaf and sql in ("BEGIN", "ROLLBACK"):
            return None
        found = self._raw.execute(sql, *parameters)
        rows = found.fetchall() if sql.startswith(("SELECT", "PRAGMA")) else found
        self._act()
        return _Found(rows) if isinstance(rows, list) else rows

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)


class _Found(list[Any]):
    def fetchall(self) -> list[Any]:
        return self

    def fetchone(self) -> Any:
        return self[0] if self else None


@pytest.fixture
async def sold(database: Database) -> Database:
    intake = Intake(database, SystemClock(), None)
    await intake.accept([another(f"T-{number}") for number in range(5)])
    return database


def release_one(path: Path) -> None:
    """Commit a change of state, as the agent does all the time."""
    other = connect_writer(path)
    try:
        state, again = ("held", "waiting") if _first(other) == "waiting" else ("waiting", "held")
        other.execute("UPDATE revision SET state = ? WHERE sequence = 1 AND state = ?", (state, again))
    finally:
        other.close()


def _first(raw: sqlite.Connection) -> str:
    return str(raw.execute("SELECT state FROM revision WHERE sequence = 1").fetchone()[0])


@pytest.mark.parametrize(("deaf", "finds"), [(False, False), (True, True)], ids=["one moment", "the control"])
async def test_what_is_committed_during_a_check_is_no_damage_G13(
    sold: Database, tmp_path: Path, *, deaf: bool, finds: bool
) -> None:
    path = tmp_path / "data" / FILE_NAME

    def look(raw: sqlite.Connection) -> bool:
        beside: Any = Meanwhile(raw, partial(release_one, path), deaf=deaf)
        return bool(find_damage(beside, 60.0, SystemClock()).damage)

    assert await sold.read(look) is finds


async def test_the_chore_raises_damage_for_whoever_listens_G13(sold: Database, tmp_path: Path) -> None:
    heard: list[StorageFailure] = []
    sold.on_failure = heard.append
    chore = IntegrityChore(sold, SystemClock())
    await chore.run_once()
    other = connect_writer(tmp_path / "data" / FILE_NAME)
    other.execute("UPDATE payload SET body = CAST('x' || body AS BLOB) WHERE sequence = 3")
    other.close()
    with pytest.raises(Damaged, match="sale 3"):
        await chore.run_once()
    assert [type(failure) for failure in heard] == [Damaged]


async def test_a_check_that_does_not_come_to_its_end_is_told(sold: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(integrity, "CHECK_SECONDS_MAX", -1.0)
    monkeypatch.setattr("store_agent.storage.integrity._STEPS_PER_LOOK", 1)
    with pytest.raises(StorageFailure, match="to its end"):
        await IntegrityChore(sold, SystemClock()).run_once()
