"""The local API in the test's own loop, for tests that look into its parts."""

from collections.abc import AsyncIterator

import pytest

from store_agent.storage.database import Database
from tests.support.served import Served, serve


@pytest.fixture
async def served(database: Database) -> AsyncIterator[Served]:
    async with serve(database) as running:
        yield running
