"""A running agent with its platform, for tests that hold it to its contract."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from store_agent.sandbox.options import SandboxOptions
from store_agent.sandbox.server import SandboxServer
from tests.support.agent import AgentProcess


@contextmanager
def agent_in(directory: Path) -> Iterator[AgentProcess]:
    with SandboxServer(SandboxOptions(port=0)) as platform:
        agent = AgentProcess(directory, platform.url).start()
        yield agent
        agent.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AgentProcess]:
    with agent_in(tmp_path_factory.mktemp("agent")) as agent:
        yield agent


@pytest.fixture
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AgentProcess]:
    """One for itself: a manager who tries everything shuts terminals out, too."""
    with agent_in(tmp_path_factory.mktemp("fresh")) as agent:
        yield agent


def credentials(agent: AgentProcess) -> dict[str, str]:
    """Give name and token by role."""
    manager = (agent.directory / "data" / "control.token").read_text().strip()
    return {"manager": f"manager:{manager}", "cashier": f"lane-1:{agent.token}"}
