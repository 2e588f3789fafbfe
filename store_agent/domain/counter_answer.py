"""What a call at the counter ends in: a closed union, turned into HTTP by the API."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Passed:
    """The platform's own answer, unchanged; `headers` are the agent's."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Done:
    """The agent's own good answer; `payload` goes into the container."""

    payload: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Queued:
    """A relayed call that is made later; `sequence` is its place in the outbox."""

    sequence: int


@dataclass(frozen=True, slots=True)
class NotDone:
    """It was not done, or nobody knows; `code` is for the program, `words` for the cashier."""

    status: int
    code: str
    words: str
    headers: Mapping[str, str] = field(default_factory=dict)


Answer = Passed | Done | Queued | NotDone
