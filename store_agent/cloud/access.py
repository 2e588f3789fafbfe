"""An address of the platform together with this store's credentials for it."""

import base64
from dataclasses import replace
from urllib.parse import quote

from store_agent.cloud.redaction import Redaction
from store_agent.cloud.transport import Answer, NoAnswer, Transport
from store_agent.domain.relayed import APP


class Access:
    """Calls one address with one key and secret, by HTTP Basic. Close its transport when done.

    An answer that repeats the secret, or the header that carries it, is given without.
    """

    def __init__(self, transport: Transport, *, key: str, secret: str) -> None:
        self._transport = transport
        self._key = key
        credentials = base64.b64encode(f"{key}:{secret}".encode()).decode("ascii")
        self._redaction = Redaction(credentials, secret)
        self._headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/json"}

    async def post(self, path: str, body: bytes, *, seconds: float | None = None) -> Answer | NoAnswer:
        """Send a body; see `Transport.request`."""
        return self._redacted(await self._transport.request("POST", path, self._headers, body, seconds=seconds))

    async def relay(
        self, method: str, path: str, body: bytes, request_id: str, *, seconds: float | None = None
    ) -> Answer | NoAnswer:
        """Make a call whose path may hold APP. `request_id` lets the platform know a call that is repeated."""
        place, mark, query = path.partition("?")
        filled = place.replace(APP, quote(self._key, safe=""), 1) + mark + query
        headers = self._headers | {"Idempotency-Key": request_id}
        return self._redacted(await self._transport.request(method, filled, headers, body, seconds=seconds))

    def _redacted(self, answer: Answer | NoAnswer) -> Answer | NoAnswer:
        if isinstance(answer, NoAnswer):
            return answer
        return replace(answer, body=self._redaction.redact(answer.body))
