"""A power cut during a migration leaves each step whole or undone, and the data in either case."""

from pathlib import Path
from random import Random
from typing import Any

import pytest

from store_agent.storage import migrate
from tests.power.findings import Tried
from tests.power.migrating import inspect_migration, migrate_recorded
from tests.power.points import some_points, try_points

SALES = 60
POINTS = 120


async def cut(directory: Path, count: int = POINTS) -> Tried:
    chance = Random(3)  # noqa: S311 - points must repeat, not surprise
    ledger = await migrate_recorded(directory / "store", SALES)
    return await try_points(ledger, some_points(ledger, count, chance), directory, inspect_migration, chance)


async def test_a_power_cut_leaves_each_step_whole_or_undone_and_keeps_the_data_G2_G3_G8(tmp_path: Path) -> None:
    tried = await cut(tmp_path)
    assert tried.words == []
    assert tried.lost == tried.doubled == 0
    assert tried.acknowledged == POINTS * SALES


async def test_a_step_outside_a_transaction_would_be_noticed_G2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bit_by_bit(raw: Any, number: int, script: str) -> None:
        raw.executescript(f"{script}\nPRAGMA user_version = {number};")

    monkeypatch.setattr(migrate, "_step", bit_by_bit)
    tried = await cut(tmp_path)
    assert any("is there in part" in words for words in tried.words)


async def test_a_snapshot_that_is_not_synced_would_be_noticed_G2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hasty(raw: Any, copy: Path) -> None:
        raw.execute("VACUUM INTO ?", (str(copy),))

    monkeypatch.setattr(migrate, "_snapshot", hasty)
    tried = await cut(tmp_path)
    assert any("before-schema" in words for words in tried.words)
