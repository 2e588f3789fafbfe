"""Which revisions share a request, and the request once it is frozen (G3, G5, G7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

BATCH_MAX = 10
"""Revisions in one call; SessionM POS API, Batch Send Transaction API."""


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


class Member(NamedTuple):
    """What a request is made of: the container fields of a revision, as text without braces, and its payload."""

    forwarded: str
    payload: bytes


class Request(NamedTuple):
    """A request ready to be frozen. `endpoint` is the last part of its path."""

    request_id: str
    endpoint: str
    body: bytes


@dataclass(frozen=True, slots=True)
class FrozenBatch:
    """A request as it is committed; its body is sent as it is, however often.

    `platform_failures` counts answers of 5xx, `rests` the pauses of its own since the agent started.
    """

    number: int
    request_id: str
    endpoint: str
    body: bytes
    members: tuple[int, ...]
    platform_failures: int = 0
    rests: int = 0


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


def halves(members: Sequence[int]) -> list[tuple[int, ...]]:
    """Split the members of a refused batch in two, in order (G6)."""
    middle = (len(members) + 1) // 2
    return [part for part in (tuple(members[:middle]), tuple(members[middle:])) if part]
