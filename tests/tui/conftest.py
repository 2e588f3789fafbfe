"""What tests of the screens share: a platform and a running agent for each file of flows, and a zone of their own."""

import time
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


@pytest.fixture
def in_chicago(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have the machine in a store's own time zone: six hours behind UTC, five in summer."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "America/Chicago")
        time.tzset()
        yield
    time.tzset()
