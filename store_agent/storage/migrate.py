"""Brings a database to this program's schema, one numbered step at a time.

Each step is a `.sql` file of `migrations/`, run in one transaction together with its `user_version`. Before a step
touches a database that already holds data, a complete copy is put beside it, so that nothing a step does is final.
"""

import os
from importlib.resources import files
from pathlib import Path

from store_agent.errors import ConfigurationError
from store_agent.storage import sqlite


def steps() -> list[str]:
    """Return the text of every migration; step N leads to `user_version` N."""
    folder = files(__package__).joinpath("migrations")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [folder.joinpath(name).read_text(encoding="utf-8") for name in names]


def migrate(raw: sqlite.Connection, path: Path, todo: list[str]) -> None:
    """Run the steps that the database at `path` has not seen.

    Raises ConfigurationError when the database is newer than the program. A step that fails changes nothing.
    """
    version = int(raw.execute("PRAGMA user_version").fetchone()[0])
    if version > len(todo):
        raise ConfigurationError(
            f"{path} was written by a newer store-agent (schema {version}, this one knows {len(todo)}). "
            "Sales in it are safe. Install the newer version again; it cannot be used by this one."
        )
    for number in range(version + 1, len(todo) + 1):
        if version > 0:  # a database that was just made holds nothing to lose
            _snapshot(raw, path.with_name(f"before-schema-{number}.db"))
        _step(raw, number, todo[number - 1])


def _snapshot(raw: sqlite.Connection, copy: Path) -> None:
    unfinished = copy.with_suffix(".part")
    unfinished.unlink(missing_ok=True)
    raw.execute("VACUUM INTO ?", (str(unfinished),))
    with unfinished.open("rb") as written:
        os.fsync(written.fileno())
    unfinished.replace(copy)
    _sync_directory(copy.parent)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _step(raw: sqlite.Connection, number: int, script: str) -> None:
    try:
        raw.executescript(f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;")
    except sqlite.Error:
        if raw.in_transaction:
            raw.execute("ROLLBACK")
        raise
