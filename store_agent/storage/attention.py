"""What was refused and waits for a person, grouped by cause."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from store_agent.domain.attention import Refusal
from store_agent.storage import sqlite
from store_agent.storage.database import Database
from store_agent.storage.queries import load

_SQL = load("attention")

SCAN_MAX = 20_000
"""Parked revisions that are looked at, a tenth of a second; nobody goes through more one by one."""

GROUPS_MAX = 100
"""Groups that are given: more causes than that are no causes but words that differ in each sale."""

SEQUENCES_MAX = 100
"""Sequences given of a group, the oldest; all of it are found by its cause."""


@dataclass(frozen=True, slots=True)
class Group:
    """Revisions refused for the same cause. `refusal` is that of the first one, part of a burst if any of them was.

    `amount` is in units of the books; `oldest_at` and `newest_at` say when the first and the last one were taken, in
    milliseconds since 1970. Of `overtaken` ones a newer state is on its way or delivered. `sequences` begin with the
    first, SEQUENCES_MAX at most.
    """

    refusal: Refusal
    sales: int
    calls: int
    amount: int
    oldest_at: int
    newest_at: int
    overtaken: int
    sequences: list[int]


@dataclass(frozen=True, slots=True)
class Found:
    """Groups, most sales first. `complete` tells that everything parked is in them."""

    groups: list[Group]
    complete: bool


class Attention:
    """Looks at what is parked. Raises StorageFailure."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def groups(self) -> Found:
        """Group what is parked by cause: SCAN_MAX revisions and GROUPS_MAX groups at most."""
        return await self._database.read(_groups)


def _groups(raw: sqlite.Connection) -> Found:
    raw.execute("BEGIN")
    try:
        rows = raw.execute(_SQL["groups"], {"scan": SCAN_MAX, "groups": GROUPS_MAX}).fetchall()
        (parked,) = raw.execute(_SQL["parked"]).fetchone()
    finally:
        raw.execute("COMMIT")
    groups = [_group(values) for values in rows]
    return Found(groups, sum(group.sales + group.calls for group in groups) == parked)


def _group(values: Sequence[Any]) -> Group:
    cause, fields, burst, call, sales, calls, amount, oldest_at, newest_at, overtaken, sequences = values
    refusal = Refusal(cause, tuple(json.loads(fields or "[]")), bool(burst), call)
    oldest = sorted(json.loads(sequences))[:SEQUENCES_MAX]
    return Group(refusal, sales, calls, amount, oldest_at, newest_at, overtaken, oldest)
