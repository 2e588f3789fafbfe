"""What a sale takes on the disk, with its receipt code and all indexes."""

from pathlib import Path

import pytest

from store_agent.storage import intake
from tests.costs.backlog import Backlog
from tests.costs.budgets import beyond, hold

SALES = 500


def bytes_of_each(path: Path) -> float:
    """Fill an empty database; gives what each sale added to its file."""
    backlog = Backlog(path)
    backlog.make()
    empty = _size(backlog)
    backlog.fill(SALES)
    added = _size(backlog) - empty
    backlog.raw.close()
    return added / SALES


def _size(backlog: Backlog) -> int:
    backlog.fold()
    return backlog.path.stat().st_size


def test_a_sale_takes_no_more_bytes_than_its_budget(tmp_path: Path) -> None:
    hold("keeping a sale of 3 KB", "bytes on disk", bytes_of_each(tmp_path / "store-agent.db"))


def test_texts_that_are_not_packed_would_be_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a sale stored as it was sent takes more than twice as much."""
    monkeypatch.setattr(intake, "pack", bytes)
    beyond("keeping a sale of 3 KB", "bytes on disk", bytes_of_each(tmp_path / "store-agent.db"))
