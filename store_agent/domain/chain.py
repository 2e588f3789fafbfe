"""The chain of the audit: each entry has a hash over what it says and the hash of the entry before. Pure.

It shows what was changed, deleted or put in past the program. Whoever can write the whole file could make a new chain;
the number and hash of an entry, noted elsewhere, prove it and all before it.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import NamedTuple

HASH_BYTES = 32

_FORM = b"store-agent audit 1\n"
"""Stands before what is hashed, so that another form of it can never be taken for this one."""


class Link(NamedTuple):
    """Where a chain has come to: the number of an entry, and its hash."""

    number: int
    hash: bytes

    def __str__(self) -> str:
        """Write it for people to note: the number, and the hash in hexadecimal digits."""
        return f"{self.number} {self.hash.hex()}"


class Facts(NamedTuple):
    """What an entry says; `at` is milliseconds since 1970."""

    number: int
    at: int
    who: str
    action: str
    sequence: int | None
    reason: str


class Chained(NamedTuple):
    """An entry as it is stored; without hashes it is not chained yet."""

    facts: Facts
    previous: bytes | None
    hash: bytes | None


def read_link(text: str) -> Link:
    """Read what `Link` writes. Raises ValueError."""
    number, digits = text.split()
    found = Link(int(number), bytes.fromhex(digits))
    if len(found.hash) != HASH_BYTES:
        raise ValueError("a hash has 64 hexadecimal digits")
    return found


def hash_of(previous: bytes, facts: Facts) -> bytes:
    """Give the hash of an entry: SHA-256 over the hash before and a JSON list of what the entry says."""
    said = json.dumps(facts, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(_FORM + previous + said.encode()).digest()


def faults(anchor: Link, entries: Iterable[Chained], given: int) -> Iterator[str]:
    """Say what is wrong with the entries, in order; nothing if they are whole. There is none up to `anchor`.

    `given` is the highest number that was ever given to an entry.
    """
    before = anchor
    for entry in entries:
        number = entry.facts.number
        if number <= before.number:
            yield f"Entry {number} was put in past the program: it stands before the first one that is left."
            continue
        if number > before.number + 1:
            yield _missing(before.number + 1, number - 1)
        if fault := _fault(before, entry):
            yield fault
        before = Link(number, entry.hash or before.hash)
    if given > before.number:
        yield _missing(before.number + 1, given)


def _fault(before: Link, entry: Chained) -> str:
    number = entry.facts.number
    if entry.hash is None or entry.previous is None:
        return f"Entry {number} is not in the chain: it was put in past the program, or by an older one just now."
    if entry.hash != hash_of(entry.previous, entry.facts):
        return f"Entry {number} was changed after it was written."
    if number == before.number + 1 and entry.previous != before.hash:
        return f"Entry {number} does not follow what stands before it: entry {before.number} was replaced."
    return ""


def _missing(first: int, last: int) -> str:
    named = f"Entry {first} is" if first == last else f"Entries {first} to {last} are"
    return f"{named} missing: deleted past the program, or lost with damage to the database."
