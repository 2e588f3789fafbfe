"""The platform's answer container ("SessionM POS API, General Response Container")."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from store_agent.errors import BadInput


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back over HTTP. Headers beside `content-type` and `content-length` stand in `headers`."""

    status: int
    body: bytes
    content_type: str = "application/json; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


def accepted(payload: Any = None, *, word: str = "OK") -> Answer:
    """Build a success; `word` is its `status`, which recorded answers spell in more than one way."""
    return Answer(200, encode({"status": word, "payload": payload, "errors": None}))


def refused(problem: BadInput) -> Answer:
    """Build an error answer with the problem's code, message, fields and HTTP status."""
    fields = [{"path": field.path, "message": field.message} for field in problem.fields]
    errors = {"code": problem.code, "message": problem.message, "fields": fields}
    return Answer(problem.status, encode({"status": "Error", "payload": None, "errors": errors}))


def encode(value: Any) -> bytes:
    """Write JSON without blanks, in ASCII: a name from outside may hold half a surrogate, which UTF-8 refuses."""
    return json.dumps(value, separators=(",", ":")).encode()
