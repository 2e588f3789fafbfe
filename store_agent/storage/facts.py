"""Single facts about the database and the agent on it."""

from functools import partial

from store_agent.storage import sqlite
from store_agent.storage.database import Database
from store_agent.storage.queries import load

_SQL = load("facts")


class Facts:
    """Keeps facts by key. Raises Busy or StorageFailure."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, key: str, value: str) -> None:
        """Keep a fact, in place of what it was before."""
        await self._database.write(partial(_note, key, value))


def _note(key: str, value: str, raw: sqlite.Connection) -> None:
    raw.execute(_SQL["note"], (key, value))
