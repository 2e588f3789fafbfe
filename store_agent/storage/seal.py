"""Seals: checksums over what must not change, since SQLite's own checks do not see a flipped bit inside a text.

A seal is a CRC-32: it is there to notice a tired disk, not an attacker. Rows older than seals have none (NULL) and
pass.
"""

from typing import NamedTuple
from zlib import crc32


class Facts(NamedTuple):
    """What is fixed about a revision from its acceptance on, as its row has it."""

    sequence: int
    transaction_id: str
    terminal: str
    digest: bytes
    forwarded: str
    alone: int
    amount: int | None
    codes: str | None
    call: str | None = None
    follows: str | None = None


def seal_of_sale(facts: Facts, body: bytes) -> int:
    """Return the seal of a revision and its text."""
    sequence, transaction_id, terminal, digest, forwarded, alone, amount, codes, call, follows = facts
    fixed = f"{sequence}\0{transaction_id}\0{terminal}\0{forwarded}\0{alone:d}\0{amount}\0{codes}"
    if call is not None:
        fixed += f"\0{call}\0{follows}"
    return crc32(body, crc32(digest, crc32(fixed.encode())))


def seal_of_request(request_id: str, endpoint: str, body: bytes) -> int:
    """Return the seal of a frozen request."""
    return crc32(body, crc32(f"{request_id}\0{endpoint}".encode()))


def sale_intact(facts: Facts, body: bytes | None, seal: int | None) -> bool:
    """Tell whether a revision and its text are as they were stored; a text that cannot be read is not."""
    return body is not None and (seal is None or seal == seal_of_sale(facts, body))


def request_intact(request_id: str, endpoint: str, body: bytes | None, seal: int | None) -> bool:
    """Tell whether a frozen request is as it was stored; one that cannot be read is not."""
    return body is not None and (seal is None or seal == seal_of_request(request_id, endpoint, body))
