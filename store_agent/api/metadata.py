"""`upload_catalog` and `upload_employees`: kept here, uploaded when changed (DESIGN, section 6).

Plain ASGI: their bodies are far larger than others, and are read piece by piece.
"""

from collections.abc import Awaitable, Callable
from functools import partial

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from store_agent.api import answers
from store_agent.api.limits import Limits, read_body
from store_agent.api.plain import posts_only, respond
from store_agent.api.shelf_seams import Imports
from store_agent.api.versions import show_version
from store_agent.domain.uploads import Kind


class Metadata:
    """One application for each kind of upload."""

    def __init__(self, imports: Imports, limits: Limits) -> None:
        self._imports = imports
        self._limits = limits

    def routes(self) -> dict[str, Callable[[Scope, Receive, Send], Awaitable[None]]]:
        """Give the applications by path."""
        return {f"/api/2.0/{kind.value}": partial(self._respond, kind) for kind in Kind}

    async def _respond(self, kind: Kind, scope: Scope, receive: Receive, send: Send) -> None:
        await respond(scope, receive, send, lambda: self._take(kind, scope, receive))

    async def _take(self, kind: Kind, scope: Scope, receive: Receive) -> Response:
        posts_only(scope)
        body = await read_body(scope, receive, self._limits.upload_body_bytes_max, self._limits.body_timeout)
        replaced, pushed = await self._imports.take(kind, body, f"sent by {scope['state']['caller'].name}")
        return answers.ok({**show_version(replaced.version), "changed": replaced.changed, "upload": pushed.value})
