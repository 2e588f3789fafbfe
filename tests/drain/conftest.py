"""A store whose platform is the sandbox."""

from collections.abc import AsyncIterator

import pytest

from store_agent.sandbox.server import SandboxServer
from store_agent.storage.database import Database
from tests.drain.store import Store


@pytest.fixture
async def store(database: Database, platform: SandboxServer) -> AsyncIterator[Store]:
    made = Store(database, platform.url)
    yield made
    await made.stop()
    await made.transport.close()
