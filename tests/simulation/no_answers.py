"""Calls that end without an answer, in the transport's own words."""

from store_agent.cloud.transport import NoAnswer
from store_agent.domain.outcome import Loss


def silence() -> NoAnswer:
    """No answer within the deadline."""
    return NoAnswer("no complete answer within 30 seconds", Loss.TIME)


def broke() -> NoAnswer:
    """The connection broke after it had stood."""
    return NoAnswer("the connection broke", Loss.REPLY)


def connection_refused() -> NoAnswer:
    """Nobody listens."""
    return NoAnswer("it refuses the connection")


def certificate_refused() -> NoAnswer:
    """The far side is not who it should be."""
    return NoAnswer("its certificate is refused (expired)", cure="Renew it.")
