"""Looks at the schema and the snapshot of an image before the product opens it: each step is there whole or not."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

from store_agent.storage import sqlite
from store_agent.storage.database import FILE_NAME
from store_agent.storage.migrate import migrate, steps
from tests.power.findings import Found
from tests.power.ledger import Ledger
from tests.power.old_store import SCHEMA, OldStore
from tests.power.recording import Recording
from tests.power.story import recorded_database
from tests.power.survivors import inspect

Schema = list[tuple[str, str, str]]

_SCHEMA = "SELECT type, name, coalesce(sql, '') FROM sqlite_schema ORDER BY type, name"
_ROWS = "SELECT count(*) FROM revision"


async def migrate_recorded(directory: Path, count: int) -> Ledger:
    """Fill a database of the old schema in a directory, and let the product open it on a recorded disk."""
    old = OldStore(directory / FILE_NAME, count)
    recording = Recording(directory)
    async with recorded_database(recording):
        pass
    return old.told(recording)


async def inspect_migration(directory: Path, ledger: Ledger, cut: int) -> Found:
    """Look at the steps, then open the directory as after any power cut."""
    words = _step_by_step(directory, len(ledger.sales))
    found = await inspect(directory, ledger, cut)
    found.words += words
    return found


def _step_by_step(directory: Path, count: int) -> list[str]:
    with _copied(directory) as copy:
        version, schema, _ = _look(copy / FILE_NAME)
        words = [] if schema == schema_of(version) else [f"schema {version} is there in part"]
        snapshot = copy / f"before-schema-{SCHEMA + 1}.db"
        if snapshot.exists():
            fine = _look(snapshot) == (SCHEMA, schema_of(SCHEMA), count)
            words += [] if fine else [f"{snapshot.name} is not whole"]
        elif version > SCHEMA:
            words.append(f"{snapshot.name} is not there, and a step was taken")
    return words


def _look(path: Path) -> tuple[int, Schema, int]:
    """Give version, schema and number of sales; of a file that cannot be read, nothing."""
    with closing(sqlite.connect(str(path))) as raw:
        try:
            (version,) = raw.execute("PRAGMA user_version").fetchone()
            (verdict,) = raw.execute("PRAGMA integrity_check").fetchone()
            return (version if verdict == "ok" else 0), raw.execute(_SCHEMA).fetchall(), _rows(raw)
        except sqlite.Error:
            return 0, [], 0


def _rows(raw: sqlite.Connection) -> int:
    return int(raw.execute(_ROWS).fetchone()[0])


@cache
def schema_of(version: int) -> Schema:
    """Give the schema that so many steps lead to."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / FILE_NAME
        with closing(sqlite.connect(str(path), isolation_level=None)) as raw:
            migrate(raw, path, steps()[:version])
            return raw.execute(_SCHEMA).fetchall()


@contextmanager
def _copied(directory: Path) -> Iterator[Path]:
    """Give a copy to look at, since opening a database changes it."""
    copy = directory.with_name("copy")
    shutil.copytree(directory, copy)
    try:
        yield copy
    finally:
        shutil.rmtree(copy)
