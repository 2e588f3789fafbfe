"""A platform and a store with a running agent for each file of flows: a start takes longer than most of them."""

from collections.abc import Iterator

import pytest

from store_agent.sandbox.options import SandboxOptions
from store_agent.sandbox.server import SandboxServer
from tests.support.agent import AgentProcess


@pytest.fixture(scope="module")
def platform() -> Iterator[SandboxServer]:
    with SandboxServer(SandboxOptions(port=0)) as server:
        yield server


@pytest.fixture(scope="module")
def store(platform: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AgentProcess]:
    running = AgentProcess(tmp_path_factory.mktemp("store"), platform.url)
    try:
        yield running.start()
    finally:
        running.close()
