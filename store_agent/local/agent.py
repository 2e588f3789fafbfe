"""The running agent, asked through its local API."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from http import HTTPStatus
from typing import Any

from store_agent.cloud.transport import Answer, NoAnswer, Timeouts, Transport
from store_agent.config.settings import Settings
from store_agent.domain.outcome import Loss
from store_agent.errors import AgentError, TemporaryFailure, Unavailable
from store_agent.local.address import Address, address_of, socket_of
from store_agent.local.answers import payload_of
from store_agent.local.credentials import ControlToken, Credentials
from store_agent.local.problems import NotRunning, Stranger

QUICK = Timeouts(connect=2.0, write=5.0, read=10.0, whole=15.0)
"""For what costs the same at any size."""

PATIENT = Timeouts(connect=2.0, write=5.0, read=1_800.0, whole=1_800.0)
"""For what is done to every sale of the queue, a million at worst."""

SILENCE_SECONDS_MAX = 30.0
"""A stream that is silent for so long is dead: the agent shows every 15 seconds that it lives."""


class LocalAgent:
    """The agent at an address, over connections that stay. Close it when done; calls may be made at the same time.

    Without credentials the agent is told nothing of who asks.
    """

    def __init__(
        self, address: Address, credentials: Credentials | ControlToken | None = None, timeouts: Timeouts = QUICK
    ) -> None:
        self._address = address
        self._credentials = credentials
        self._transport = Transport(address.url, timeouts, socket=address.socket, trust=address.trust())

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        """Return the payload of the answer.

        Raises Refused with the agent's words, NotRunning, TemporaryFailure when the answer takes too long, and
        Stranger where the token cannot be read, and
        Unavailable where another program answers.
        """
        return await self.send(method, path, b"" if body is None else json.dumps(body).encode())

    async def send(self, method: str, path: str, content: bytes) -> Any:
        """Send a body as it is, and return the payload of the answer. Raises as `call`."""
        headers = {"Content-Type": "application/json", **self._headers()}
        return self._payload(await self._transport.request(method, path, headers, content))

    async def stream(self, path: str) -> AsyncGenerator[str | None]:
        """Give the lines of an answer without end as they come: None once it has begun, then the lines.

        Ends when the agent ends it. Raises as `call`, TemporaryFailure also when nothing came for 30 seconds. Close it
        when done, which ends the connection.
        """
        idle = SILENCE_SECONDS_MAX
        async with aclosing(self._transport.stream_lines("GET", path, self._headers(), idle=idle)) as received:
            async for part in received:
                if isinstance(part, str):
                    yield part
                elif isinstance(part, Answer) and part.status == HTTPStatus.OK:
                    yield None
                else:
                    self._payload(part)

    async def close(self) -> None:
        """Close all connections."""
        await self._transport.close()

    def _headers(self) -> dict[str, str]:
        return {} if self._credentials is None else self._credentials.headers()

    def _payload(self, answer: Answer | NoAnswer) -> Any:
        if isinstance(answer, NoAnswer):
            raise self._no_answer(answer)
        token = self._credentials
        if answer.status == HTTPStatus.UNAUTHORIZED and isinstance(token, ControlToken) and not token.readable:
            raise Stranger(token.cure())
        return payload_of(answer)

    def _no_answer(self, answer: NoAnswer) -> AgentError:
        if answer.cure:
            return Unavailable(
                f"What answers at {self._address} shows another certificate than that of api.tls.certificate_file. "
                "If it was renewed: systemctl reload store-agent; else another program has the agent's port."
            )
        if answer.loss is Loss.TIME:
            return TemporaryFailure(
                "The agent runs, but has not answered in time. What was asked for may still be done; look again in a "
                "moment, and at the agent's log if this goes on."
            )
        return NotRunning(
            f"The agent does not run: {self._address} gives no answer. No sales can be taken. "
            "Start it (systemctl start store-agent) and look at its log if it does not stay up."
        )


def reach(settings: Settings, timeouts: Timeouts = QUICK) -> LocalAgent:
    """Make the way to the agent of a configuration, as its manager: by the token, else by the managers' socket."""
    token = ControlToken(settings.storage.directory, settings.api.managers_group)
    socket = None if token.readable else socket_of(settings)
    return LocalAgent(address_of(settings), token, timeouts) if socket is None else LocalAgent(socket, None, timeouts)
