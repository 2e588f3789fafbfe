"""`upload_catalog` and `upload_employees`: kept here, uploaded when changed (DESIGN, section 6).

Plain ASGI: their bodies are far larger than others, and are read piece by piece.
"""

import logging
from collections.abc import Awaitable, Callable
from functools import partial

import structlog
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from store_agent.api import answers
from store_agent.api.limits import Limits, read_body
from store_agent.api.plain import posts_only, respond
from store_agent.api.shelf_seams import Imports
from store_agent.api.versions import show_version
from store_agent.domain.uploads import Kind
from store_agent.storage.history import Replaced

_log = structlog.get_logger("api")


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
        _note(kind, replaced)
        return answers.ok({**show_version(replaced.version), "changed": replaced.changed, "upload": pushed.value})


def _note(kind: Kind, replaced: Replaced) -> None:
    """Log what is in use from now on; the same again is no news."""
    noun, number = kind.value.removeprefix("upload_"), replaced.version.number
    words = f"Version {number} of the {noun} is in use."
    level = logging.INFO if replaced.changed else logging.DEBUG
    _log.log(level, "import.taken", words=words, call=kind.value, version=number, changed=replaced.changed)
