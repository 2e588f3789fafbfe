"""What the plain routes share: an answer in the container, whatever happens, and the method that they take."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

import structlog
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from store_agent.api import answers
from store_agent.api.bugs import note_bug
from store_agent.api.limits import CallerGone
from store_agent.errors import AgentError, BadInput, StorageFailure

_log = structlog.get_logger("api")


async def respond(scope: Scope, receive: Receive, send: Send, make: Callable[[], Awaitable[Response]]) -> None:
    """Answer with what `make` gives, or for what it raises."""
    try:
        response = await make()
    except AgentError as problem:
        _log.debug("call.refused", words=f"A call was refused. {problem}", reason=str(problem))
        response = _refusal(problem)
    except CallerGone:
        response = Response(status_code=HTTPStatus.BAD_REQUEST)
    except Exception as problem:  # noqa: BLE001 - the POS must get an answer it can read, and the log the cause
        note_bug(problem, scope)
        response = answers.refusal(problem)
    await response(scope, receive, send)


def _refusal(problem: AgentError) -> Response:
    return answers.storage_failure(problem) if isinstance(problem, StorageFailure) else answers.refusal(problem)


def posts_only(scope: Scope) -> None:
    """Refuse any other method. Raises BadInput `method` (405)."""
    if scope["method"] != "POST":
        raise BadInput("method", "This call is made with POST.", status=HTTPStatus.METHOD_NOT_ALLOWED)
