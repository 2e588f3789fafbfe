"""A power cut between any two operations of the disk loses nothing that was answered."""

from pathlib import Path
from random import Random

import pytest

from store_agent.storage import connection
from store_agent.storage.database import FILE_NAME
from tests.power.findings import Tried
from tests.power.ledger import Ledger
from tests.power.points import some_points, try_points
from tests.power.recording import Write
from tests.power.story import live
from tests.power.survivors import inspect

STEPS = 60
POINTS = 150


async def cut(ledger: Ledger, directory: Path, count: int) -> Tried:
    chance = Random(7)  # noqa: S311 - points must repeat, not surprise
    return await try_points(ledger, some_points(ledger, count, chance), directory, inspect, chance)


def carried_over(ledger: Ledger) -> bool:
    """Tell whether the log was carried over into the file while sales were answered: the most delicate moments."""
    first = ledger.sales[0].at
    files = {op.file for op in ledger.recording.ops[first:] if isinstance(op, Write)}
    return len(files) > 1 and (ledger.recording.directory / FILE_NAME).exists()


async def test_nothing_answered_is_lost_by_a_power_cut_at_any_moment_G1_G2_G3_G8(tmp_path: Path) -> None:
    ledger = await live(tmp_path / "store", seed=1, steps=STEPS)
    assert carried_over(ledger)
    assert ledger.may_be_gone, "a purge"
    assert ledger.backups
    tried = await cut(ledger, tmp_path, POINTS)
    assert tried.words == []
    assert tried.lost == tried.doubled == 0
    assert tried.acknowledged > 0


async def test_without_a_sync_at_each_commit_power_cuts_would_lose_sales_G1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the same story and cuts, but the log is synced at checkpoints only."""
    monkeypatch.setattr(connection, "_WRITER", (*connection._WRITER, "PRAGMA synchronous = NORMAL"))
    ledger = await live(tmp_path / "store", seed=1, steps=STEPS)
    tried = await cut(ledger, tmp_path, POINTS // 5)
    assert tried.lost > 0
    assert any("left and is not frozen any more" in words for words in tried.words)
