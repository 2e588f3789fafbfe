"""What the tries to send a revision came to, kept with it and bounded (G11).

Only tries that did not deliver are kept; when it was delivered is told by `settled_at`.
"""

from dataclasses import dataclass

from store_agent.storage import sqlite
from store_agent.storage.queries import load

_SQL = load("attempts")

ATTEMPTS_MAX = 50
"""Rows of one revision: the first and the newest ones. Tries in a row that come to the same are one, so that these tell
of as many turns; with the longest answers they take some 100 KB."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """Tries in a row that came to the same. Times are milliseconds since 1970, labels only.

    `words` are for a manager; `said` is what the platform answered to the first of them, None if nothing.
    """

    first_at: int
    last_at: int
    times: int
    words: str
    said: str | None


def note_attempts(raw: sqlite.Connection, batch: int, words: str, said: str, now: int) -> None:
    """Note for each member of a frozen request what its last try came to; in the commit that settles it."""
    raw.execute(_SQL["note"], {"batch": batch, "words": words, "said": said, "at": now})
    raw.execute(_SQL["forget"], {"batch": batch, "newest": ATTEMPTS_MAX - 1})


def read_attempts(sequence: int, raw: sqlite.Connection) -> list[Attempt]:
    """Read the attempts of a revision, oldest first."""
    return [Attempt(*row) for row in raw.execute(_SQL["of"], (sequence,)).fetchall()]
