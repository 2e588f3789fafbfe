"""Fixtures that many tests share: a database in a file, the sandbox as a real server, a real agent process."""

import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, settings

from store_agent.agent.runtime import SWITCH_INTERVAL_SECONDS
from store_agent.clock import SystemClock
from store_agent.sandbox.options import SandboxOptions
from store_agent.sandbox.server import SandboxServer
from store_agent.storage.database import Database, open_database
from tests.support.agent import COMMAND, AgentProcess

# As the agent does: the writer's thread must get its turn from tests that look at the database all the time.
sys.setswitchinterval(SWITCH_INTERVAL_SECONDS)
settings.register_profile("agent", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
settings.load_profile("agent")


@pytest.fixture(autouse=True)
def _log_as_in_a_new_process() -> Iterator[None]:
    """Leave no configuration of the log to the next test: a command has none, and would write lines beside its own."""
    yield
    structlog.reset_defaults()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(tmp_path / "data", SystemClock()) as opened:
        yield opened


@pytest.fixture
def platform() -> Iterator[SandboxServer]:
    with SandboxServer(SandboxOptions(port=0)) as server:
        yield server


MakeAgent = Callable[..., AgentProcess]


@pytest.fixture
def make_agent(tmp_path: Path) -> Iterator[MakeAgent]:
    """Make agents that are not started yet; they end with the test."""
    made: list[AgentProcess] = []

    def make(url: str, command: tuple[str, ...] = COMMAND, **sections: dict[str, Any]) -> AgentProcess:
        directory = tmp_path / f"agent-{len(made)}"
        directory.mkdir()
        made.append(AgentProcess(directory, url, command, **sections))
        return made[-1]

    yield make
    for agent in made:
        agent.close()


@pytest.fixture
def agent(make_agent: MakeAgent, platform: SandboxServer) -> AgentProcess:
    """Run an agent whose platform is the sandbox."""
    return make_agent(platform.url).start()
