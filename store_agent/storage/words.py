"""Searching for what people type: words in any order, each also as the beginning of one, accents and case ignored.

Best first: what is meant by a code; then names that have all words whole; then names that have them as beginnings; then
entries that say them anywhere. Within each of these, entries come in order of their numbers, for which a builder sees
(`ranked`): short names first. So a search ends with its page, however many entries have a common word; a rank by
statistics would have to look at all of them.

Thousands of codes may begin with the same digits, and an index of words would have to merge them all. So what looks
like the beginning of a code is looked up among the codes, and beside other words only counts whole.
"""

import re
from collections.abc import Callable, Iterable
from typing import Generic, NamedTuple, TypeVar

from store_agent.storage import sqlite
from store_agent.storage.portions import Portions
from store_agent.storage.queries import load

T = TypeVar("T")

_SQL = load("words")
SCHEMA = (_SQL["schema_names"], _SQL["schema_words"])

CHARACTERS_MAX = 256
"""Of what is typed; more is left out."""

WORDS_MAX = 16
"""Words searched for; each costs about a millisecond where it is common."""

CODES_MAX = 100
"""Entries found by one code, or by its beginning."""

PREFIX_MAX = 3
"""Characters of a beginning that the index of words knows without merging (`prefix` in words.sql)."""

_UNFIT = re.compile("[\x00\ud800-\udfff]")
"""What cannot stand in a text of SQLite."""

_LAST = "\U0010ffff"
"""Comes after every other character."""

_last_token = re.compile(r"([^\W_]+)[\W_]*\Z").search


class After(NamedTuple):
    """Where a page of results ended: the number of the rank, and that of the entry."""

    rank: int
    number: int


class Found(NamedTuple, Generic[T]):
    """A page of results, and where the next one begins; None if this is the last."""

    entries: tuple[T, ...]
    after: After | None


def ranked(names: Iterable[str]) -> list[int]:
    """Give the positions of entries in the order in which they are to be numbered."""
    keys = [(len(name), name) for name in names]
    return sorted(range(len(keys)), key=keys.__getitem__)


def index(raw: sqlite.Connection, add: tuple[str, str], last: int, portions: Portions) -> None:
    """Make the entries of the numbers 1 to `last` searchable, by queries for a range of numbers: names, all words."""
    for statement in (_SQL["prepare_names"], _SQL["prepare_words"]):
        raw.execute(statement)
    for numbers in portions.numbers(last):
        for statement in add:
            raw.execute(statement, numbers)
    for statement in (_SQL["finish_names"], _SQL["finish_words"]):
        raw.execute(statement)


def find(raw: sqlite.Connection, codes: str, typed: str, limit: int, after: After | None) -> Found[int]:
    """Find the numbers of a page of entries; `codes` is the query for those with a code between two."""
    typed = _UNFIT.sub(" ", typed)[:CHARACTERS_MAX].strip()
    at = after or After(0, 0)
    last = typed + _LAST if _may_be_code(typed) else typed
    meant = [number for (number,) in raw.execute(codes, {"first": typed, "last": last, "limit": CODES_MAX})]
    begun = meant.index(at.number) + 1 if at.rank == 0 and at.number in meant else 0
    found = [After(0, number) for number in meant[begun:]] if at.rank == 0 else []
    for rank, (query, expression) in enumerate(_questions(typed), 1):
        if rank >= at.rank and len(found) <= limit:
            asked = {
                "expression": expression,
                "after": at.number if rank == at.rank else 0,
                "limit": limit + 1 + len(meant),
            }
            rows = raw.execute(_SQL[query], asked)
            found.extend(After(rank, number) for (number,) in rows if number not in meant)
    page = found[:limit]
    return Found(tuple(number for _, number in page), page[-1] if len(found) > limit else None)


def filled(found: Found[int], entry: Callable[[int], T]) -> Found[T]:
    """Put entries for their numbers."""
    return Found(tuple(map(entry, found.entries)), found.after)


def _questions(typed: str) -> tuple[tuple[str, str], ...]:
    """Write what to search for, by rank: the query, and its expression in the language of FTS5.

    Quoted, no character has a meaning in that. Source: sqlite.org/fts5.html, "FTS5 Strings".
    """
    words = [word.replace('"', " ") for word in typed.split() if any(map(str.isalnum, word))][:WORDS_MAX]
    if not words:
        return ()
    whole = " ".join(f'"{word}"' for word in words)
    begun = " ".join(f'"{word}"' if _may_be_code(word) else f'"{word}" *' for word in words)
    return ("find_names", whole), ("find_names", f"({begun}) NOT ({whole})"), ("find_words", begun)


def _may_be_code(word: str) -> bool:
    """Tell whether more codes may begin like this than can be merged."""
    last = _last_token(word)
    return last is not None and len(last[1]) > PREFIX_MAX and any(map(str.isdigit, last[1]))
