"""Answers of the SessionM POS API, read as outcomes: by the body as well as by the status.

Source: SessionM POS API, General Response Container; the recorded answers of the Postman collection, folder 5
(`OK`, `success` and `ok` all mean success); DESIGN, section 3.
"""

import json
import re
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import structlog

from store_agent.cloud.sessionm.refusals import read_refusal
from store_agent.cloud.transport import Answer, NoAnswer
from store_agent.domain.card_data import masked
from store_agent.domain.card_names import NOTHING
from store_agent.domain.card_numbers import mask_text
from store_agent.domain.outcome import (
    Delivered,
    Halted,
    Outcome,
    Pending,
    PlatformFailure,
    Refused,
    Throttled,
    TooLarge,
    Transport,
)

_log = structlog.get_logger("sessionm")

SAID_MAX = 2_000
"""Characters of the platform's own words that are kept."""

_REDIRECTS = 3
_HOST = re.compile(r"[a-z0-9.:-]{1,253}")
_SUCCESS = {"ok", "success"}
_LINE = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
    HTTPStatus.NETWORK_AUTHENTICATION_REQUIRED,
}
_CREDENTIALS = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
_ENDPOINT = {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.GONE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE}
_REFUSALS = {HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY}


def read_outcome(answer: Answer | NoAnswer, wall: float) -> Outcome:
    """Tell what an answer means for the request. `wall` is now in seconds since 1970, for a dated Retry-After."""
    if isinstance(answer, NoAnswer):
        return _no_answer(answer)
    said = _said(answer.body)
    container = _container(answer.body)
    wait = _retry_after(answer.headers.get("retry-after"), wall)
    told_to_wait = answer.status == HTTPStatus.SERVICE_UNAVAILABLE and "retry-after" in answer.headers
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS or told_to_wait:
        return Throttled("The platform asks to wait.", wait, said)
    if container is not None and _code(container) == "pending processing":
        return Pending("The platform has the sales and is still working on them.", said)
    if between := _between(answer):
        return Transport(between, said)
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return PlatformFailure(f"The platform failed with an error of its own ({answer.status}).", said)
    if answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return TooLarge("The request is larger than the platform takes.", said)
    if container is None:
        return _not_the_platform(answer, said)
    return _by_container(answer.status, container, said)


def read_safely(answer: Answer | NoAnswer, request_id: str, wall: float) -> Outcome:
    """Read an answer, whatever it is: one that trips the reader must not end the agent, time and again."""
    try:
        return read_outcome(answer, wall)
    except Exception:  # noqa: BLE001 - see above
        words = (
            "The platform's answer could not be read by a fault of the agent; the same request goes again. Tell "
            "whoever looks after the agent."
        )
        _log.exception("sessionm.unreadable_answer", words=words, request_id=request_id)
        return Transport("The platform's answer could not be read.")


def _said(body: bytes) -> str:
    """Return the platform's own words as they may be kept: it may repeat what it was sent (G16)."""
    words = masked(body[: SAID_MAX * 4], NOTHING).decode("utf-8", "replace")
    return mask_text(words)[:SAID_MAX]


def _no_answer(answer: NoAnswer) -> Outcome:
    if answer.cure:
        return Halted(f"Nothing is sent to the platform: {answer.words}.", answer.cure)
    return Transport(f"The platform cannot be reached: {answer.words}.", loss=answer.loss)


def _not_the_platform(answer: Answer, said: str) -> Outcome:
    """Read an answer that is not the platform's JSON: an empty refusal is its own, a web page is somebody else's."""
    if not answer.body.strip():
        if answer.status in _CREDENTIALS:
            return _refused_credentials(answer.status, said)
        if answer.status in _ENDPOINT:
            return _no_endpoint(answer.status, said)
    words = (
        f"Something between the store and the platform answered {answer.status} with a page of its own "
        "(a login page of the network, or a wrong cloud.base_url)."
    )
    return Transport(words, said)


def _between(answer: Answer) -> str:
    """Say what stands between the store and the platform, where a status tells that; else nothing."""
    if answer.status in _LINE:
        return f"The platform cannot be reached: a gateway answers {answer.status}."
    return _redirect(answer) if answer.status // 100 == _REDIRECTS else ""


def _redirect(answer: Answer) -> str:
    """Say where an answer points, by the host alone: the rest of an address may hold anything."""
    try:
        host = urlsplit(answer.headers.get("location", "")).hostname or ""
    except ValueError:
        host = ""
    elsewhere = f" to {host}" if _HOST.fullmatch(host) else ""
    return (
        f"The platform's address answers {answer.status}, a redirect{elsewhere}, which is not followed: the store's "
        "credentials would go there (a login page of the network, or a wrong cloud.base_url)."
    )


def _by_container(status: int, container: dict[str, Any], said: str) -> Outcome:
    if status in _CREDENTIALS:
        return _refused_credentials(status, said)
    if status in _ENDPOINT:
        return _no_endpoint(status, said)
    if status < HTTPStatus.MULTIPLE_CHOICES and str(container.get("status")).lower() in _SUCCESS:
        return Delivered(said)
    if status < HTTPStatus.MULTIPLE_CHOICES or status in _REFUSALS:
        words, fields = read_refusal(container)
        return Refused(words, said, fields)
    return Transport(f"The platform answers {status}, which means nothing for sales.", said)


def _refused_credentials(status: int, said: str) -> Halted:
    cure = "Correct cloud.key and cloud.secret, or ask the platform to enable them; then: systemctl reload store-agent."
    return Halted(f"The platform refuses this store's credentials ({status}).", cure, said)


def _no_endpoint(status: int, said: str) -> Halted:
    cure = "Correct cloud.base_url; then: systemctl reload store-agent."
    return Halted(f"The platform does not take sales at this address ({status}).", cure, said, missing=True)


def _container(body: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and isinstance(value.get("status"), str) else None


def _code(container: dict[str, Any]) -> str:
    errors = container.get("errors")
    code = errors.get("code") if isinstance(errors, dict) else container.get("code")
    return re.sub(r"[^a-z]+", " ", str(code).lower()).strip()


def _retry_after(value: str | None, wall: float) -> float | None:
    """Read Retry-After in seconds or as a date (RFC 9110, section 10.2.3)."""
    if value is None:
        return None
    if re.fullmatch(r"\s*[0-9]{1,9}\s*", value):
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - wall)
    except (ValueError, OverflowError):
        return None
