"""Stores with a past, lived through once for all tests."""

from pathlib import Path

import pytest

from tests.salvage.histories import History, make_all


@pytest.fixture(scope="session")
def histories(tmp_path_factory: pytest.TempPathFactory) -> dict[str, History]:
    folder: Path = tmp_path_factory.mktemp("histories")
    return {history.name: history for history in make_all(folder)}
