"""Asking the running agent through its local API, with the token that lies in the storage directory."""

import asyncio
import base64
import json
from typing import Any, Self

from store_agent.agent.control import read_token
from store_agent.cloud.transport import Answer, NoAnswer, Timeouts, Transport
from store_agent.config.settings import Settings
from store_agent.domain.outcome import Loss
from store_agent.errors import AgentError, TemporaryFailure, Unavailable
from store_agent.storage.terminals import MANAGER

QUICK = Timeouts(connect=2.0, write=5.0, read=10.0, whole=15.0)
"""For what costs the same at any size."""

PATIENT = Timeouts(connect=2.0, write=5.0, read=1_800.0, whole=1_800.0)
"""For what is done to every sale of the queue, a million at worst."""


class NotRunning(Unavailable):
    """No agent answers on this machine."""


class LocalAgent:
    """The running agent, over a connection that stays for several calls. Use it as a context."""

    def __init__(self, settings: Settings, timeouts: Timeouts = QUICK) -> None:
        self._directory = settings.storage.directory
        host = f"[{settings.api.host}]" if ":" in settings.api.host else settings.api.host
        self._base_url = f"http://{host}:{settings.api.port}"
        self._transport = Transport(self._base_url, timeouts)
        self._loop = asyncio.Runner()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._loop:
            self._loop.run(self._transport.close())

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Return the payload of the answer.

        Raises NotRunning, TemporaryFailure when the answer takes too long, else AgentError with the agent's words.
        """
        return self.send(method, path, b"" if body is None else json.dumps(body).encode())

    def send(self, method: str, path: str, content: bytes) -> Any:
        """Send a body as it is, and return the payload of the answer. Raises as `call`."""
        token = read_token(self._directory)
        headers = {"Content-Type": "application/json", **basic(MANAGER, token or "")}
        answer = self._loop.run(self._transport.request(method, path, headers, content))
        if isinstance(answer, NoAnswer):
            raise self._no_answer(answer)
        if token is None and answer.status == 401:  # noqa: PLR2004
            raise Unavailable(
                f"The agent runs, but its token in {self._directory} cannot be read. "
                "Run this command as the agent's user, for example with: sudo -u store-agent"
            )
        return _payload(answer)

    def _no_answer(self, answer: NoAnswer) -> AgentError:
        if answer.loss is Loss.TIME:
            return TemporaryFailure(
                "The agent runs, but has not answered in time. What was asked for may still be done; look again in a "
                "moment, and at the agent's log if this goes on."
            )
        return NotRunning(
            f"The agent does not run: {self._base_url} gives no answer. No sales can be taken. "
            "Start it (systemctl start store-agent) and look at its log if it does not stay up."
        )


def call(settings: Settings, method: str, path: str, body: Any = None, timeouts: Timeouts = QUICK) -> Any:
    """Call the agent once and return the payload of its answer. Raises as `LocalAgent.call`."""
    with LocalAgent(settings, timeouts) as agent:
        return agent.call(method, path, body)


def basic(name: str, token: str) -> dict[str, str]:
    """Give the header of HTTP Basic credentials."""
    return {"Authorization": f"Basic {base64.b64encode(f'{name}:{token}'.encode()).decode('ascii')}"}


def _payload(answer: Answer) -> Any:
    try:
        container = json.loads(answer.body)
        status, errors = container["status"], container["errors"]
    except (ValueError, KeyError, TypeError):
        raise Unavailable("Another program answers on the agent's port; check api.port.") from None
    if status == "OK":
        return container["payload"]
    fields = [f"  {field['path']}: {field['message']}" for field in errors.get("fields", [])]
    problem = AgentError("\n".join([errors["message"], *fields]))
    problem.exit_code = 69 if answer.status >= 500 else 65  # noqa: PLR2004
    raise problem
