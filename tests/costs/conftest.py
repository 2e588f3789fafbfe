"""Databases with waiting sales: made once for a process, then copied, so that no test changes another's counts."""

import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.costs.backlog import Backlog

COPIES_BEGIN = 500_000
"""Number of the first sale of a copy: none of those that it has."""

BacklogOf = Callable[[int], Backlog]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """Make a database with so many waiting sales, and some more of the warm-up."""

    @cache
    def make(waiting: int) -> Path:
        path = tmp_path_factory.mktemp("made") / "store-agent.db"
        backlog = Backlog(path)
        backlog.make()
        backlog.fill(waiting)
        backlog.warm_up()
        backlog.raw.close()
        return path

    return make


@pytest.fixture
def backlog_of(made: Callable[[int], Path], tmp_path: Path) -> Iterator[BacklogOf]:
    """Open a copy of a database with so many waiting sales."""
    opened: list[Backlog] = []

    def copy(waiting: int) -> Backlog:
        path = tmp_path / f"{waiting}-{len(opened)}.db"
        shutil.copy(made(waiting), path)
        opened.append(Backlog(path, COPIES_BEGIN))
        return opened[-1]

    yield copy
    for backlog in opened:
        backlog.raw.close()
