"""A call as data: the request to make and how to read its answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from .answers import Answer, Said, doubt, open_answer
from .problems import AgentProblem, NotNow

__all__ = ["Answer", "Call", "Request", "Timeouts"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long a cashier may be kept waiting, in seconds. Each is for one wait, not for a whole call.

    `connect_seconds`: until the agent on this machine takes the connection. `counter_seconds`: for the answer of a call
    that needs the platform; a bit more than the agent's own deadline for it (3 s). `sale_seconds`: for the answer to
    sales and uploads. `turn_seconds`: while another plugin on this machine keeps or flushes in the same directory.
    """

    connect_seconds: float = 1.0
    counter_seconds: float = 4.0
    sale_seconds: float = 10.0
    turn_seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request to the agent; `path` begins with a slash. `answer_seconds` bounds the wait for its answer."""

    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    answer_seconds: float


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """A request, and what its answer means. `changes`: it does something, so that a lost answer leaves a doubt."""

    request: Request
    changes: bool
    understand: Callable[[Said], T]

    def read(self, answer: Answer) -> T:
        """Give the result. Raises AgentProblem."""
        said = open_answer(answer, changes=self.changes)
        try:
            return self.understand(said)
        except ValueError as error:
            message = f"The answer cannot be understood: {error}."
            raise doubt(self.changes, "bad_answer", message, status=answer.status) from error

    def lost(self, why: str, *, sent: bool) -> AgentProblem:
        """Give the exception for a request without an answer; `sent` is False when it cannot have arrived."""
        if not sent:
            return NotNow("no_connection", f"The agent is not reached: {why}. It may be starting; try again.")
        return doubt(self.changes, "no_answer", f"No complete answer came from the agent: {why}.")
