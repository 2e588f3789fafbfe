"""Files with credentials, and with the key of the certificate, that others on this machine can read or change."""

import stat
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


def files_with_secrets(path: Path) -> Iterator[Path]:
    """Give the files with credentials or keys that the configuration at `path` names, and itself if it holds one.

    One that is not TOML may hold one.
    """
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        written = {}
    tables = list(_tables(written.get("cloud", {})))
    if not written or any("secret" in table for table in tables):
        yield path
    for table in [*tables, *_tables(written.get("api", {}))]:
        named = (table.get(name) for name in ("key_file", "secret_file"))
        yield from (Path(file) for file in named if isinstance(file, str))


def exposed_mode(path: Path) -> str:
    """Return the mode of a file that others can read or change, empty for one that is kept, or cannot be looked at."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return ""
    return f"{mode:04o}" if mode & (stat.S_IRWXO | stat.S_IWGRP) else ""


def _tables(table: object) -> Iterator[Mapping[str, Any]]:
    """Give a table and those in it."""
    if isinstance(table, dict):
        yield table
        yield from (inner for inner in table.values() if isinstance(inner, dict))
