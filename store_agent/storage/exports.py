"""Taking sales out of the books, for somebody who mends them elsewhere: nothing changes but the audit."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from store_agent.clock import Clock
from store_agent.domain.repair import Deed
from store_agent.storage import sqlite
from store_agent.storage.audit import audit
from store_agent.storage.database import Database
from store_agent.storage.queries import load

_SQL = load("exports")

EXPORT_BYTES_MAX = 1_048_576
"""Bytes of text in one answer: written as JSON, and with all that is told of a sale, clients take it at once."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was asked for: those that are not there, and the bytes of text of the others together."""

    missing: tuple[int, ...]
    size: int

    @property
    def done(self) -> bool:
        """Tell whether it was noted in the audit, so that the sales may be given out."""
        return not self.missing and self.size <= EXPORT_BYTES_MAX


class Exports:
    """Notes what is given out. Raises Busy or StorageFailure; nothing is noted then."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def note(self, deed: Deed, sequences: Sequence[int]) -> Exported:
        """Note each of some revisions, in one commit; none if one is not there or they are too large together."""
        now = int(self._clock.wall() * 1000)
        return await self._database.write(partial(_note, deed, sequences, now))


def _note(deed: Deed, sequences: Sequence[int], now: int, raw: sqlite.Connection) -> Exported:
    sizes = dict(raw.execute(_SQL["sizes"], (json.dumps(sequences),)).fetchall())
    exported = Exported(tuple(one for one in sequences if one not in sizes), sum(sizes.values()))
    if exported.done:
        for sequence in sequences:
            audit(deed, sequence, now, raw)
    return exported
