"""What the platform's reply means for the one who asked: its own answer unchanged, or the agent's words."""

import math
from http import HTTPStatus

from store_agent.domain.counter_answer import NotDone, Passed
from store_agent.domain.outcome import Delivered, Halted, Loss, Pending, Throttled, Transport
from store_agent.domain.reply import Reply

_GATEWAYS = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
    HTTPStatus.NETWORK_AUTHENTICATION_REQUIRED,
}

_CREDENTIALS = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}

_RETRY_AFTER = 5
"""Seconds after which a caller may ask again, where the platform does not say."""


def passed(reply: Reply) -> Passed | None:
    """Give the platform's own answer, good or bad; None where it has none that the caller could use.

    A refusal of the store's credentials is none: the POS would take it for one of its own.
    """
    if isinstance(reply.outcome, Delivered):
        return Passed(reply.status, reply.body)
    ours = isinstance(reply.outcome, Halted) and reply.status in _CREDENTIALS
    if not reply.body or ours or isinstance(reply.outcome, Transport | Throttled | Pending):
        return None
    return Passed(reply.status, reply.body)


def not_done(reply: Reply, *, changes: bool) -> NotDone:
    """Say why there is no answer. `changes` tells that the call may have changed something where it arrived."""
    outcome = reply.outcome
    if isinstance(outcome, Throttled):
        wait = math.ceil(outcome.seconds) if outcome.seconds else _RETRY_AFTER
        headers = {"Retry-After": str(wait)}
        return NotDone(HTTPStatus.TOO_MANY_REQUESTS, "throttled", f"{outcome.words} Try again then.", headers)
    if isinstance(outcome, Halted):
        words = f"{outcome.words} The manager must mend this: {outcome.cure}"
        return NotDone(HTTPStatus.SERVICE_UNAVAILABLE, "halted", words)
    if isinstance(outcome, Pending) and not changes:
        words = "The platform is still at it. Ask again in a moment."
        return NotDone(HTTPStatus.SERVICE_UNAVAILABLE, "pending", words, {"Retry-After": "1"})
    words = outcome.words if isinstance(outcome, Transport | Pending) else "The platform's answer cannot be used."
    if changes and reply.sent:
        words += " It is not known whether this was done: send the same call again, and it will be done once."
        return NotDone(HTTPStatus.SERVICE_UNAVAILABLE, "unknown", words, {"Retry-After": "1"})
    if _is_bad(reply):
        return NotDone(HTTPStatus.BAD_GATEWAY, "bad_answer", f"{words} Sales are not affected.")
    return offline(words)


def offline(reason: str) -> NotDone:
    """Say that the platform cannot be asked."""
    words = f"{reason} Go on without it: sales are taken and sent later."
    return NotDone(HTTPStatus.SERVICE_UNAVAILABLE, "offline", words, {"Retry-After": str(_RETRY_AFTER)})


def _is_bad(reply: Reply) -> bool:
    """Tell whether something answered that cannot be used, rather than nothing."""
    if reply.status:
        return reply.status not in _GATEWAYS
    too_much = isinstance(reply.outcome, Transport) and reply.outcome.loss is Loss.LINE
    return reply.sent and too_much
