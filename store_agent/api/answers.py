"""Answers in the platform's container (SessionM POS API, General Response Container; DESIGN, section 6)."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from store_agent.errors import BadInput, Busy, DiskFull, FieldError, StorageFailure

_DISK_FULL = (
    "The disk of this store's machine is full: this sale is NOT stored. Keep it in the till and send it again later; "
    "tell the manager to free space. Sales taken before are safe and go on being sent."
)


def ok(payload: Any) -> Response:
    """Answer 200 with a payload."""
    return _answer(HTTPStatus.OK, {"status": "OK", "payload": payload, "errors": None})


def error(
    status: int,
    code: str,
    message: str,
    fields: tuple[FieldError, ...] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer with what went wrong, in words for the reader."""
    return _answer(status, error_body(code, message, fields), headers)


def error_body(code: str, message: str, fields: tuple[FieldError, ...] = ()) -> dict[str, Any]:
    """Give the container of an error."""
    shown = [{"path": field.path, "message": field.message} for field in fields]
    return {"status": "Error", "payload": None, "errors": {"code": code, "message": message, "fields": shown}}


def refusal(problem: Exception) -> Response:
    """Answer for an exception of `errors`; anything else is a bug and says so without details."""
    if isinstance(problem, BadInput):
        allowed = {"Allow": "POST"} if problem.status == HTTPStatus.METHOD_NOT_ALLOWED else None
        return error(problem.status, problem.code, problem.message, problem.fields, allowed)
    if isinstance(problem, Busy):
        return error(HTTPStatus.SERVICE_UNAVAILABLE, "busy", str(problem), headers={"Retry-After": "1"})
    if isinstance(problem, DiskFull):
        return disk_full()
    if isinstance(problem, StorageFailure):
        message = "The sale may or may not be stored. Send the same sale again; it will not be counted twice."
        return error(HTTPStatus.SERVICE_UNAVAILABLE, "retry", message, headers={"Retry-After": "1"})
    message = "The agent failed. Send the same request again; if that does not help, tell whoever looks after it."
    return error(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", message)


def queued(sequence: int, warnings: Mapping[str, Any]) -> Response:
    """Answer for a relayed call that is made later, in the form of its upstream; `warnings` go beside, if any."""
    body = {"status": "ok", "delivery": "queued", "sequence": sequence, **warnings}
    return Response(json.dumps(body).encode(), HTTPStatus.OK, media_type="application/json")


def storage_failure(problem: StorageFailure) -> Response:
    """Answer for a call, other than a sale, that the disk or the database did not allow."""
    if isinstance(problem, DiskFull):
        return error(HTTPStatus.INSUFFICIENT_STORAGE, "disk_full", str(problem))
    message = f"The database does not answer as it must; nothing was changed as far as known. {problem}"
    return error(HTTPStatus.SERVICE_UNAVAILABLE, "storage", message)


def disk_full(message: str = _DISK_FULL) -> Response:
    """Answer that a sale finds no room (G12)."""
    return error(HTTPStatus.INSUFFICIENT_STORAGE, "disk_full", message, headers={"Retry-After": "30"})


def _answer(status: int, container: dict[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    return Response(json.dumps(container).encode(), status, media_type="application/json", headers=headers)
