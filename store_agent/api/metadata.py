"""`upload_catalog` and `upload_employees`: kept here, uploaded when changed (DESIGN, section 6).

Plain ASGI: their bodies are far larger than others, and are read piece by piece.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus

import structlog
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from store_agent.api import answers
from store_agent.api.limits import CallerGone, Limits, read_body
from store_agent.api.seams import Imports
from store_agent.api.versions import show_version
from store_agent.domain.uploads import Kind
from store_agent.errors import AgentError, StorageFailure

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
        try:
            response = await self._take(kind, scope, receive)
        except StorageFailure as problem:
            response = answers.storage_failure(problem)
        except AgentError as problem:
            response = answers.refusal(problem)
        except CallerGone:
            response = Response(status_code=HTTPStatus.BAD_REQUEST)
        except Exception as problem:  # noqa: BLE001 - the POS must get an answer it can read, and the log the cause
            _log.exception("api.bug", path=scope["path"])
            response = answers.refusal(problem)
        await response(scope, receive, send)

    async def _take(self, kind: Kind, scope: Scope, receive: Receive) -> Response:
        if scope["method"] != "POST":
            message = "This call is made with POST."
            return answers.error(HTTPStatus.METHOD_NOT_ALLOWED, "method", message, headers={"Allow": "POST"})
        body = await read_body(scope, receive, self._limits.upload_body_bytes_max, self._limits.body_timeout)
        replaced, pushed = await self._imports.take(kind, body, f"sent by {scope['state']['caller'].name}")
        return answers.ok({**show_version(replaced.version), "changed": replaced.changed, "upload": pushed.value})
