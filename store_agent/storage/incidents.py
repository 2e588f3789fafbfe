"""What was found damaged and saved; shown until a person acknowledges it (G13).

The entry itself keeps who acknowledged it, when and why; the database refuses to change or delete it afterwards.
"""

import json
from dataclasses import dataclass
from functools import partial
from typing import Any

from store_agent.clock import Clock
from store_agent.domain.repair import Action, Deed
from store_agent.storage import sqlite
from store_agent.storage.audit import audit
from store_agent.storage.database import Database
from store_agent.storage.queries import load

_SQL = load("incidents")


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that a person should know. `at` is milliseconds since 1970, `words` are for a manager.

    `details` are those of `salvage.report.Report.as_json`.
    """

    number: int
    at: int
    words: str
    details: dict[str, Any]


class Incidents:
    """The incidents of this store. Raises Busy or StorageFailure."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def open(self) -> list[Incident]:
        """Give those that nobody has acknowledged, oldest first."""
        return await self._database.read(_open)

    async def acknowledge(self, number: int, who: str, reason: str) -> bool:
        """Note, also in the audit, that somebody took notice; tells whether there was such an open incident."""
        now = int(self._clock.wall() * 1000)
        return await self._database.write(partial(_acknowledge, (now, who, reason, number)))


def _open(raw: sqlite.Connection) -> list[Incident]:
    found = raw.execute(_SQL["open"]).fetchall()
    return [Incident(number, at, words, json.loads(details)) for number, at, words, details in found]


def _acknowledge(values: tuple[int, str, str, int], raw: sqlite.Connection) -> bool:
    now, who, reason, number = values
    if raw.execute(_SQL["acknowledge"], values).rowcount != 1:
        return False
    audit(Deed(Action.ACKNOWLEDGE, who, f"incident {number}: {reason}"), None, now, raw)
    return True
