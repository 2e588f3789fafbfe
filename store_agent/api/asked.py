"""Who asks for something that is audited, and why: part of the body of every such request."""

from typing import Annotated

from fastapi import Request
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints
from pydantic_core import PydanticCustomError

from store_agent.domain.repair import Action, Deed

NAME_MAX = 100
"""Letters of a person's name."""

REASON_MAX = 500
"""Letters of a reason: a few sentences."""


def _printable(name: str) -> str:
    if not name.isprintable():
        raise PydanticCustomError("name", "must be the name of a person, without control characters")
    return name


Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=NAME_MAX), AfterValidator(_printable)
]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=REASON_MAX)]


class Changing(BaseModel):
    """The person who asks, by default the caller, and the reason; both are kept in the audit."""

    model_config = ConfigDict(extra="forbid")

    by: Name | None = None
    reason: Reason = ""

    def person(self, request: Request) -> str:
        """Give who is named in the audit."""
        return self.by or str(request.state.caller.name)


class Asked(BaseModel):
    """The person who asks, by name, and the reason; both are kept in the audit. Blanks around them do not count."""

    model_config = ConfigDict(extra="forbid")

    by: Name
    reason: Reason = ""

    def deed(self, action: Action) -> Deed:
        """Give what is to be audited."""
        return Deed(action, self.by, self.reason)
