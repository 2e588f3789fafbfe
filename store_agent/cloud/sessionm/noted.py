"""A line of the log for each call to the platform, for whoever follows one sale; written at debug only."""

import structlog

from store_agent.domain.outcome import Outcome

_log = structlog.get_logger("sessionm")


def note_call(endpoint: str, request_id: str, outcome: Outcome, seconds: float) -> None:
    """Log what a call came to; whoever makes it has bound what it is about (terminal, sequences)."""
    if not structlog.is_configured():
        return  # a command keeps no log: it says itself what came of its calls
    name, ms = type(outcome).__name__, round(seconds * 1_000, 1)
    what = endpoint.partition("?")[0]  # a query may name a guest
    words = f"A call to the platform ended after {ms:,} ms: {what}, {name}."
    _log.debug("request.answered", words=words, endpoint=what, request_id=request_id, outcome=name, ms=ms)
