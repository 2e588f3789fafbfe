"""A line of the log for each call to the platform, for whoever follows one sale; written at debug only."""

import structlog

from store_agent.cloud.sessionm.observer import Call
from store_agent.domain.outcome import Outcome
from store_agent.domain.relayed import is_relayed

_log = structlog.get_logger("sessionm")


def note_call(call: Call, outcome: Outcome, seconds: float) -> None:
    """Log what a call came to; whoever makes it has bound what it is about (terminal, sequences)."""
    if not structlog.is_configured():
        return  # a command keeps no log: it says itself what came of its calls
    name, ms = type(outcome).__name__, round(seconds * 1_000, 1)
    what = "relayed" if is_relayed(call.endpoint) else call.endpoint  # the path of a relayed call names guests
    _log.debug(
        "request.answered",
        words=f"A call to the platform ended after {ms:,} ms: {what}, {name}.",
        endpoint=what,
        request_id=call.request_id,
        attempt=call.attempt,
        outcome=name,
        ms=ms,
    )
