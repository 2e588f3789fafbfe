"""Tills for the tests of the gateway."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from store_agent.storage.database import Database
from tests.gateway.counter import Till, open_till


@pytest.fixture
async def till(database: Database, tmp_path: Path) -> AsyncIterator[Till]:
    async with open_till(database, tmp_path) as opened:
        yield opened


@pytest.fixture
async def generous(database: Database, tmp_path: Path) -> AsyncIterator[Till]:
    """Open a till at which offers are applied offline."""
    async with open_till(database, tmp_path, generous=True) as opened:
        yield opened
