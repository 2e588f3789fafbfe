"""What becomes of errors on the managed routes: the platform's container, in words (DESIGN, section 6)."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from store_agent.api import answers
from store_agent.api.bugs import note_bug
from store_agent.errors import AgentError, FieldError, StorageFailure


def register(app: FastAPI) -> None:
    """Have an application answer its errors this way."""
    app.add_exception_handler(AgentError, _agent_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _bug)


async def _agent_error(_: Request, problem: Exception) -> Response:
    if isinstance(problem, StorageFailure):
        return answers.storage_failure(problem)
    return answers.refusal(problem)


_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is not a known field",
    "json_invalid": "is not valid JSON",
}
"""For what the framework says less clearly."""


async def _validation_error(_: Request, problem: Exception) -> Response:
    assert isinstance(problem, RequestValidationError)  # noqa: S101 - registered for nothing else
    fields = tuple(FieldError(_path(item), _WORDS.get(item["type"], item["msg"])) for item in problem.errors())
    first = fields[0]
    return answers.error(HTTPStatus.BAD_REQUEST, "invalid_field", f"{first.path}: {first.message}.", fields)


def _path(item: dict[str, Any]) -> str:
    """Return where a field stands; what is no JSON at all is the body as a whole."""
    parts = () if item["type"] == "json_invalid" else item["loc"][1:]
    return ".".join(str(part) for part in parts) or "body"


async def _http_error(_: Request, problem: Exception) -> Response:
    assert isinstance(problem, HTTPException)  # noqa: S101 - registered for nothing else
    words = {HTTPStatus.NOT_FOUND: ("not_found", "There is no such address here; see /openapi.json.")}
    code, message = words.get(HTTPStatus(problem.status_code), ("refused", str(problem.detail)))
    return answers.error(problem.status_code, code, message, headers=problem.headers)


async def _bug(request: Request, problem: Exception) -> Response:
    note_bug(problem, request.scope)
    return answers.refusal(problem)
