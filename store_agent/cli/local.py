"""Asking the running agent through its local API, with the token that lies in the storage directory."""

import asyncio
import base64
import json
from typing import Any

from store_agent.agent.control import read_token
from store_agent.cloud.transport import Answer, NoAnswer, Timeouts, Transport
from store_agent.config.settings import Settings
from store_agent.errors import AgentError, Unavailable
from store_agent.storage.terminals import MANAGER

_TIMEOUTS = Timeouts(connect=2.0, write=5.0, read=10.0, whole=15.0)


class NotRunning(Unavailable):
    """No agent answers on this machine."""


def call(settings: Settings, method: str, path: str, body: Any = None) -> Any:
    """Call the agent and return the payload of its answer. Raises NotRunning, or AgentError with the agent's words."""
    return asyncio.run(_call(settings, method, path, body))


def basic(name: str, token: str) -> dict[str, str]:
    """Give the header of HTTP Basic credentials."""
    return {"Authorization": f"Basic {base64.b64encode(f'{name}:{token}'.encode()).decode('ascii')}"}


async def _call(settings: Settings, method: str, path: str, body: Any) -> Any:
    host = f"[{settings.api.host}]" if ":" in settings.api.host else settings.api.host
    base_url = f"http://{host}:{settings.api.port}"
    token = read_token(settings.storage.directory)
    headers = {"Content-Type": "application/json", **basic(MANAGER, token or "")}
    transport = Transport(base_url, _TIMEOUTS)
    try:
        content = b"" if body is None else json.dumps(body).encode()
        answer = await transport.request(method, path, headers, content)
    finally:
        await transport.close()
    if isinstance(answer, NoAnswer):
        raise NotRunning(
            f"The agent does not run: {base_url} gives no answer. No sales can be taken. "
            "Start it (systemctl start store-agent) and look at its log if it does not stay up."
        )
    if token is None and answer.status == 401:  # noqa: PLR2004
        raise Unavailable(
            f"The agent runs, but its token in {settings.storage.directory} cannot be read. "
            "Run this command as the agent's user, for example with: sudo -u store-agent"
        )
    return _payload(answer)


def _payload(answer: Answer) -> Any:
    try:
        container = json.loads(answer.body)
        status, errors = container["status"], container["errors"]
    except (ValueError, KeyError, TypeError):
        raise Unavailable("Another program answers on the agent's port; check api.port.") from None
    if status == "OK":
        return container["payload"]
    problem = AgentError(errors["message"])
    problem.exit_code = 69 if answer.status >= 500 else 65  # noqa: PLR2004
    raise problem
