"""Which revisions share a request, and the request once it is frozen (G3, G5, G7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

BATCH_MAX = 10
"""Revisions in one call; SessionM POS API, Batch Send Transaction API."""

_HALVED_MAX = 8
"""Revisions that three halvings take apart."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A revision that may be sent now. Of one transaction there is never more than one (G4)."""

    sequence: int
    size: int
    forwarded: str
    alone: bool


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """How large a request may be: revisions, and bytes of their payloads together."""

    count_max: int = BATCH_MAX
    bytes_max: int = 1_000_000


class Stretch(NamedTuple):
    """Sequences above `after` up to `upto`; of those a request is made."""

    after: int = 0
    upto: int = 2**63 - 1


class Member(NamedTuple):
    """What a request is made of: the container fields of a revision, as text without braces, and its payload.

    `call` is the endpoint of a deferred call, None for a sale.
    """

    forwarded: str
    payload: bytes
    call: str | None = None


class Request(NamedTuple):
    """A request ready to be frozen. `endpoint` is the last part of its path."""

    request_id: str
    endpoint: str
    body: bytes


@dataclass(frozen=True, slots=True)
class FrozenBatch:
    """A request as it is committed; its body is sent as it is, however often.

    `body` is None where it is to be read from the database when it is sent, so that requests that rest do not fill the
    memory (G11). `size` is its length in bytes. `platform_failures` counts the answers of 5xx that speak against its
    members, `rests` the pauses of its own since the agent started, `tries` the tries since then that did not end it,
    `failures` the last ones of them without an answer, and `answers_seen` what the platform had answered until then.
    `refused_before` tells that the platform refused its only member before, `suspect` that it fails while others are
    answered, `tidying` that the agent gives something back by itself: a refusal says that it is given back already,
    `deferred` that it is no sale.
    """

    number: int
    request_id: str
    endpoint: str
    body: bytes | None
    size: int
    members: tuple[int, ...]
    platform_failures: int = 0
    refused_before: bool = False
    suspect: bool = False
    rests: int = 0
    failures: int = 0
    answers_seen: int = 0
    tidying: bool = False
    deferred: bool = False
    tries: int = 0

    @property
    def troubles(self) -> int:
        """Count what went wrong with it, to let another one try first."""
        return self.failures + self.rests


def plan(candidates: Sequence[Candidate], limits: BatchLimits) -> list[Candidate]:
    """Choose the members of the next request, the first candidate always among them.

    Only revisions whose container fields are the same to the letter go together, and one with unknown container
    fields goes alone. A single revision larger than `bytes_max` goes out by itself.
    """
    if not candidates:
        return []
    first = candidates[0]
    chosen = [first]
    room = limits.bytes_max - first.size
    for candidate in candidates[1:] if not first.alone else ():
        if len(chosen) >= limits.count_max:
            break
        if not candidate.alone and candidate.forwarded == first.forwarded and candidate.size <= room:
            chosen.append(candidate)
            room -= candidate.size
    return chosen


def pieces(members: Sequence[int]) -> list[tuple[int, ...]]:
    """Split the members of a refused batch in two, in order (G6).

    Nine and ten are split in three: a fourth halving would cost the culprit eight calls more than a batch without it;
    so it costs seven at most (2 log2(10) + 1).
    """
    parts = min(len(members), 3 if len(members) > _HALVED_MAX else 2)
    ends = [len(members) * part // parts for part in range(parts + 1)]
    return [tuple(members[start:end]) for start, end in pairwise(ends)]
