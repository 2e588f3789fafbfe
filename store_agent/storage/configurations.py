"""Configurations that the agent used, for the audit: each is noted when it is not the one before."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from store_agent.clock import Clock
from store_agent.domain.repair import PROGRAM, Action, Deed
from store_agent.storage import sqlite
from store_agent.storage.audit import audit
from store_agent.storage.database import Database
from store_agent.storage.queries import load

_SQL = load("configurations")

KEYS_NAMED_MAX = 50
"""Changed keys that an entry names; more are a new configuration."""


class Configurations:
    """Notes what the agent runs with. Raises Busy or StorageFailure."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def loaded(
        self, how: str, version: str, digests: Mapping[str, str], by: str = PROGRAM, reason: str = ""
    ) -> None:
        """Note in the audit that a configuration was loaded at `how` ("start", "reload") by a version of the program.

        `digests` has one of each key. The same again, by the same version, is only noted where a person asked for it: a
        crash that repeats must not fill the disk.
        """
        now = int(self._clock.wall() * 1000)
        asked = Deed(Action.CONFIGURATION, by, reason)
        await self._database.write(partial(_loaded, how, {"version": version, **digests}, asked, now))


def _loaded(how: str, digests: dict[str, str], asked: Deed, now: int, raw: sqlite.Connection) -> None:
    found = raw.execute(_SQL["last"]).fetchone()
    before = {} if found is None else json.loads(found[0])
    if before == digests and asked.who == PROGRAM:
        return
    raw.execute(_SQL["keep"], (json.dumps(digests, sort_keys=True),))
    words = "; ".join(part for part in (_words(how, before, digests), asked.reason) if part)
    audit(replace(asked, reason=words), None, now, raw)


def _words(how: str, before: dict[str, str], digests: dict[str, str]) -> str:
    whole = hashlib.sha256(json.dumps(digests, sort_keys=True).encode()).hexdigest()
    changed = sorted(key for key in {*before, *digests} if before.get(key) != digests.get(key))
    named = ", ".join(changed[:KEYS_NAMED_MAX]) + (", ..." if len(changed) > KEYS_NAMED_MAX else "")
    if not before:
        return f"{how}: digest {whole}; the first one that is noted"
    return f"{how}: digest {whole}; {f'changed: {named}' if named else 'nothing changed, other than secrets perhaps'}"
