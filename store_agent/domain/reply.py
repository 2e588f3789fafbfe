"""The platform's answer to a call at the counter, as it came and as it is meant."""

from dataclasses import dataclass

from store_agent.domain.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Reply:
    """`body` is what the platform itself answered, `status` its HTTP status; empty and 0 where nothing usable came.

    `sent` tells whether the request may have arrived.
    """

    outcome: Outcome
    status: int = 0
    body: bytes = b""
    sent: bool = True
