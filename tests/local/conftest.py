"""The local API in the test's own loop, and the agent as commands and screens see it."""

from collections.abc import AsyncIterator

import pytest

from store_agent.local.address import Address
from store_agent.local.agent import LocalAgent
from store_agent.local.credentials import Credentials
from store_agent.storage.database import Database
from tests.support.served import Served, serve


@pytest.fixture
async def served(database: Database) -> AsyncIterator[Served]:
    async with serve(database) as running:
        yield running


@pytest.fixture
async def manager(served: Served) -> AsyncIterator[LocalAgent]:
    agent = LocalAgent(Address(str(served.manager.base_url)), Credentials("manager", "manager-token"))
    yield agent
    await agent.close()
