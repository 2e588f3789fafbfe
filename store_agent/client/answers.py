"""Answers, told apart: a success with its content, or the exception that says what to do.

The agent answers in the platform's container (SessionM POS API, General Response Container) and passes the platform's
own answers on as they are, so that both spell success as they like: `OK`, `success`, `ok`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from .exact import read_json
from .problems import AgentProblem, FieldProblem, NotAllowed, NotNow, Offline, OutcomeUnknown, Refused

_SUCCESS = {"ok", "success"}
_NOTHING_HAPPENED = {"starting", "busy", "not_ready", "halted"}
"""Codes of 503 by which the agent says that it did nothing."""

_LATER = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.INSUFFICIENT_STORAGE}
_NO_RIGHT = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over HTTP. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Said:
    """A success: the whole container, and its headers."""

    container: Mapping[str, Any]
    headers: Mapping[str, str]

    @property
    def payload(self) -> Any:
        """The container's payload, None where there is none."""
        return self.container.get("payload")


def open_answer(answer: Answer, *, changes: bool) -> Said:
    """Give what a successful answer says. Raises AgentProblem for any other."""
    container = _container(answer.body)
    if container is None or not HTTPStatus(200) <= answer.status < HTTPStatus(300):
        raise _problem(answer, container, changes=changes)
    if str(container.get("status")).lower() not in _SUCCESS:
        raise _problem(answer, container, changes=changes)
    return Said(container, answer.headers)


def doubt(changes: bool, code: str, message: str, **about: Any) -> AgentProblem:  # noqa: FBT001 - first thing to know
    """Give the exception for a call of which nothing is known."""
    return (OutcomeUnknown if changes else NotNow)(code, message, **about)


def _problem(answer: Answer, container: Mapping[str, Any] | None, *, changes: bool) -> AgentProblem:
    status, retry_after = answer.status, _seconds(answer.headers.get("retry-after"))
    if container is None:
        return _not_json(status, retry_after, changes=changes)
    code, message, fields = _errors(container)
    kind = _kind(status, code, changes=changes)
    return kind(code, message, status=status, retry_after=retry_after, fields=fields)


def _kind(status: int, code: str, *, changes: bool) -> type[AgentProblem]:
    if status in _NO_RIGHT:
        return NotAllowed
    if status == HTTPStatus.SERVICE_UNAVAILABLE and code == "offline":
        return Offline
    if status in _LATER or (status == HTTPStatus.SERVICE_UNAVAILABLE and code in _NOTHING_HAPPENED):
        return NotNow
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return Refused
    return OutcomeUnknown if changes else NotNow


def _not_json(status: int, retry_after: float | None, *, changes: bool) -> AgentProblem:
    message = f"What answered (HTTP {status}) is not the agent; check its address."
    if status in _NO_RIGHT:
        return NotAllowed("bad_answer", message, status=status)
    did_nothing = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return doubt(changes and not did_nothing, "bad_answer", message, status=status, retry_after=retry_after)


def _container(body: bytes) -> Mapping[str, Any] | None:
    try:
        found = read_json(body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _errors(container: Mapping[str, Any]) -> tuple[str, str, tuple[FieldProblem, ...]]:
    """Read `errors` of the POS calls or `error` of the platform's other calls, an object or a list of them."""
    found = container.get("errors") or container.get("error") or {}
    if isinstance(found, list):
        found = found[0]
    if not isinstance(found, dict):
        found = {"code": found}
    code = str(found.get("code") or "refused")
    return code, str(found.get("message") or code), _fields(found.get("fields"))


def _fields(found: Any) -> tuple[FieldProblem, ...]:
    listed = found if isinstance(found, list) else []
    return tuple(FieldProblem(str(one.get("path")), str(one.get("message"))) for one in listed if isinstance(one, dict))


def _seconds(text: str | None) -> float | None:
    """Read Retry-After where it counts seconds; the agent sends no dates."""
    return (
        float(text) if text is not None and text.isascii() and text.isdigit() and len(text) < len("1000000") else None
    )
