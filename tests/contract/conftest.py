"""A running agent with its platform, for tests that hold it to its contract."""

from collections.abc import Iterator

import pytest

from store_agent.sandbox.options import SandboxOptions
from store_agent.sandbox.server import SandboxServer
from tests.support.agent import AgentProcess


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AgentProcess]:
    with SandboxServer(SandboxOptions(port=0)) as platform:
        agent = AgentProcess(tmp_path_factory.mktemp("agent"), platform.url).start()
        yield agent
        agent.close()


@pytest.fixture(scope="module")
def credentials(running: AgentProcess) -> dict[str, str]:
    manager = (running.directory / "data" / "control.token").read_text().strip()
    return {"manager": f"manager:{manager}", "cashier": f"lane-1:{running.token}"}
