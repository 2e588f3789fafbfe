"""Surprises, in one small tree, named for what the plugin should do next."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """A field that the agent names and what is wrong with it; `path` is dotted: `request_payload.items.0.quantity`."""

    path: str
    message: str


class AgentProblem(Exception):
    """Anything that kept a call from its result; `str()` gives words for a person.

    `code` is the agent's or the platform's own, or `no_connection`, `no_answer`, `bad_answer`, `not_kept`. `status` is
    the HTTP status, None where nothing answered. `retry_after` is in seconds, None where nothing was said.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        fields: tuple[FieldProblem, ...] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.retry_after = retry_after
        self.fields = fields


class NotNow(AgentProblem):
    """Nothing happened, and later it may: the agent is not there, starts, is busy, throttles, or its disk is full."""


class Offline(NotNow):
    """The agent is there, the platform is not reached. Sell on without it; what was asked did not happen."""


class OutcomeUnknown(AgentProblem):
    """It may have happened. Make the same call with the same arguments again: it counts once."""


class Refused(AgentProblem):
    """The agent or the platform says no: `code`, `message` and `fields` tell why. The same again will not help."""


class NotAllowed(AgentProblem):
    """The credentials, or the rights that they give, are wrong. A person must correct them."""


class NotKept(AgentProblem):
    """The directory of kept sales cannot be used: no room, no access, or as many sales in it as it may hold.

    The sale is then nowhere but in the till.
    """
