"""Asking the running agent from a command, which waits for the answer."""

import asyncio
from typing import Any, Self

from store_agent.cloud.transport import Timeouts
from store_agent.config.settings import Settings
from store_agent.local.agent import PATIENT, QUICK, reach
from store_agent.local.problems import NotRunning

__all__ = ["PATIENT", "QUICK", "LocalAgent", "NotRunning", "call"]


class LocalAgent:
    """The running agent, over a connection that stays for several calls. Use it as a context."""

    def __init__(self, settings: Settings, timeouts: Timeouts = QUICK) -> None:
        self._agent = reach(settings, timeouts)
        self._loop = asyncio.Runner()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._loop:
            self._loop.run(self._agent.close())

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Return the payload of the answer. Raises as `store_agent.local.agent.LocalAgent.call`."""
        return self._loop.run(self._agent.call(method, path, body))

    def send(self, method: str, path: str, content: bytes) -> Any:
        """Send a body as it is, and return the payload of the answer. Raises as `call`."""
        return self._loop.run(self._agent.send(method, path, content))


def call(settings: Settings, method: str, path: str, body: Any = None, timeouts: Timeouts = QUICK) -> Any:
    """Call the agent once and return the payload of its answer. Raises as `LocalAgent.call`."""
    with LocalAgent(settings, timeouts) as agent:
        return agent.call(method, path, body)
