"""`/openapi.json`: the whole contract. It is open to anybody, so that it is written once and not for each who asks.

Writing it takes some tenths of a second, on a thread: cashiers do not wait while a stranger reads.
"""

import asyncio
import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from store_agent.api import answers

PATH = "/openapi.json"


class Document:
    """An ASGI application; `describe` is asked when somebody first wants to know."""

    def __init__(self, describe: Callable[[], dict[str, Any]]) -> None:
        self._describe = describe
        self._content = b""
        self._writing = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the document."""
        if scope["method"] not in {"GET", "HEAD"}:
            message = "The contract is read with GET."
            refused = answers.error(HTTPStatus.METHOD_NOT_ALLOWED, "method", message, headers={"Allow": "GET, HEAD"})
            await refused(scope, receive, send)
            return
        async with self._writing:
            if not self._content:
                self._content = await asyncio.to_thread(self._written)
        await Response(self._content, media_type="application/json")(scope, receive, send)

    def _written(self) -> bytes:
        return json.dumps(self._describe()).encode()
