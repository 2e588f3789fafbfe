"""A run: tills at a real agent that is killed at random moments, and at the end its database against their book."""

import contextlib
import json
import random
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from store_agent.storage.database import FILE_NAME
from store_agent.storage.packing import unpack
from tests.codes.book import Book
from tests.codes.till import Till
from tests.support.agent import AgentProcess

TILLS = 4
ANSWER_SECONDS_MAX = 120.0

_KEPT = "SELECT code, transaction_id, payment FROM receipt_code"
_SENT = (
    "SELECT sequence, codes, body FROM revision JOIN payload USING (sequence) WHERE sequence > ? ORDER BY sequence"
    " LIMIT 1000"
)


@dataclass(slots=True)
class Result:
    """What was done, counted, and everything that is wrong."""

    codes: int = 0
    kills: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)


def run(agent: AgentProcess, codes: int, seed: int, kills: int) -> Result:
    """Let the tills go on until so many codes were given out, with kills spread over the way."""
    book, stop = Book(), threading.Event()
    tills = [Till(agent, number, seed, book, stop) for number in range(TILLS)]
    chance = random.Random(seed)  # noqa: S311 - moments of kills must repeat, not surprise
    for till in tills:
        till.start()
    try:
        for moment in sorted(chance.randint(1, codes) for _ in range(kills)):
            _wait(book, moment)
            agent.kill()
            agent.start()
        _wait(book, codes)
    finally:
        stop.set()
        for till in tills:
            till.join()
    agent.kill()
    violations = [*book.violations, *_compare(agent, book)]
    return Result(len(book.owners), kills, dict(book.counts), violations)


def _wait(book: Book, codes: int) -> None:
    """Wait until so many codes are known, or something is wrong already."""
    with book.changed:
        while len(book.owners) < codes and not book.violations:
            assert book.changed.wait(ANSWER_SECONDS_MAX), "the agent answers no more"


def _compare(agent: AgentProcess, book: Book) -> Iterator[str]:
    """Hold the database against the book: whose the codes are, and that they stand in the texts that are sent."""
    file = agent.directory / "data" / FILE_NAME
    with contextlib.closing(sqlite3.connect(file)) as raw:
        kept = {code: (name, payment or None) for code, name, payment in raw.execute(_KEPT)}
        for code, owner in book.owners.items():
            if kept.get(code) != owner:
                yield f"{code} was given to {owner} and is kept for {kept.get(code)}"
        after = 0
        while rows := raw.execute(_SENT, (after,)).fetchall():
            after = rows[-1][0]
            for sequence, codes, body in rows:
                yield from _missing(sequence, codes, body)


def _missing(sequence: int, codes: str | None, body: bytes) -> Iterator[str]:
    """Find codes that stand on receipts of a revision and not in its text, or the other way round."""
    text = json.loads(unpack(body) or b"")
    places = [text.get("guest_receipt_code"), *(one.get("receipt_code") for one in text["payments"])]
    sent = {code for code in places if code}
    shown = {code for _, code, _, so in json.loads(codes or "[]") if so}
    if sent != shown:
        yield f"the text of sale {sequence} has {sent}, its receipts {shown}"
