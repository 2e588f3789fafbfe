"""Brings a database to this program's schema, one numbered step at a time.

Each step is a `.sql` file of `migrations/`, run in one transaction together with its `user_version`. Before the first
step touches a database that already holds data, a complete copy is put beside it, so that nothing a step does is final.
One such copy is kept: that of the last upgrade.
"""

import contextlib
from importlib.resources import files
from pathlib import Path

from store_agent.errors import ConfigurationError
from store_agent.storage import sqlite
from store_agent.storage.durable import write_through


def steps() -> list[str]:
    """Return the text of every migration; step N leads to `user_version` N."""
    folder = files(__package__).joinpath("migrations")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [folder.joinpath(name).read_text(encoding="utf-8") for name in names]


def migrate(raw: sqlite.Connection, path: Path, todo: list[str]) -> None:
    """Run the steps that the database at `path` has not seen.

    A newer database is used as it is if its newer parts allow it (see 0003_meta.sql), so that a new version can be
    taken back. Raises ConfigurationError when they do not, sqlite.Error or OSError. A step that fails changes nothing.
    """
    version = int(raw.execute("PRAGMA user_version").fetchone()[0])
    if version > len(todo) and _usable_from(raw, version) > len(todo):
        raise ConfigurationError(
            f"{path} was written by a newer store-agent (schema {version}, this one knows {len(todo)}). "
            "Sales in it are safe. Install the newer version again; it cannot be used by this one."
        )
    if version == 0:  # it was just made and holds nothing to lose
        _run(raw, version, todo)
    elif version < len(todo):
        copy = path.with_name(f"before-schema-{version + 1}.db")
        _snapshot(raw, copy)
        _run(raw, version, todo)
        _keep_only(copy)


def _run(raw: sqlite.Connection, version: int, todo: list[str]) -> None:
    for number, script in enumerate(todo[version:], version + 1):
        _step(raw, number, script)


def _usable_from(raw: sqlite.Connection, version: int) -> int:
    key = f"schema_{version}_usable_from"
    found = raw.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return version if found is None else int(found[0])


def _snapshot(raw: sqlite.Connection, copy: Path) -> None:
    part = copy.with_suffix(".part")
    _delete(part)
    try:
        raw.execute("VACUUM INTO ?", (str(part),))
        write_through(part)
        part.replace(copy)
    except BaseException:
        _delete(part)  # its room may be what the next try lacks
        raise
    write_through(copy.parent)


def _delete(part: Path) -> None:
    part.unlink(missing_ok=True)
    part.with_name(f"{part.name}-journal").unlink(missing_ok=True)


def _keep_only(copy: Path) -> None:
    for other in set(copy.parent.glob("before-schema-*.db")) - {copy}:
        with contextlib.suppress(OSError):  # the upgrade is done; a copy too many does no harm
            other.unlink()


def _step(raw: sqlite.Connection, number: int, script: str) -> None:
    try:
        raw.executescript(f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;")
    except sqlite.Error:
        if raw.in_transaction:
            raw.execute("ROLLBACK")
        raise
