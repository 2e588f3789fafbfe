"""Calls to the platform's other upstreams, as they stand in the outbox or as a POS makes them.

Source: Core Loyalty APIs (002) and the Postman collection's folders 1 to 4 (003). Their answers are JSON objects with a
`status`; they have no request container, so that a repetition is told by a header.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus

from store_agent.cloud.access import Access
from store_agent.cloud.sessionm.answers import read_safely
from store_agent.cloud.transport import Answer, NoAnswer
from store_agent.domain.outcome import Delivered, Halted, Outcome, Refused
from store_agent.domain.relayed import Target, Upstream

Upstreams = Mapping[Upstream, Access]


async def relay(
    upstreams: Upstreams, target: Target, request_id: str, body: bytes, *, seconds: float | None = None
) -> Answer | NoAnswer:
    """Make a call. Without access to its upstream it is not sent, and says so."""
    access = upstreams.get(target.upstream)
    if access is None:
        words = f"this store has no access to it; set cloud.{target.upstream.value}"
        return NoAnswer(words, sent=False, configured=False)
    return await access.relay(target.method, target.path, body, request_id, seconds=seconds)


def read_relayed(answer: Answer | NoAnswer, request_id: str, wall: float) -> Outcome:
    """Read an answer as an outcome.

    Credentials and paths of these upstreams say nothing about the line by which sales go: what would halt it is a
    refusal of this call alone.
    """
    if isinstance(answer, NoAnswer) and not answer.configured:
        return Refused(f"The platform cannot be called: {answer.words}.")
    if isinstance(answer, Answer) and _is_plain_success(answer):
        return Delivered()
    outcome = read_safely(answer, request_id, wall)
    return Refused(outcome.words, outcome.said) if isinstance(outcome, Halted) else outcome


def _is_plain_success(answer: Answer) -> bool:
    """Tell whether a call succeeded that answers nothing, or JSON without a status."""
    if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        return False
    try:
        value = json.loads(answer.body or "null")
    except (ValueError, RecursionError):
        return False
    return not (isinstance(value, dict) and "status" in value)
