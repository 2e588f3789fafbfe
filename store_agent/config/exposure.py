"""Files with credentials that others on this machine can read or change."""

import stat
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


def files_with_secrets(path: Path) -> Iterator[Path]:
    """Give the files with credentials that the configuration at `path` names, and itself if it holds one.

    One that is not TOML may hold one.
    """
    try:
        cloud = tomllib.loads(path.read_text(encoding="utf-8")).get("cloud", {})
    except (OSError, ValueError):
        cloud = None
    tables = list(_tables(cloud))
    if not tables or any("secret" in table for table in tables):
        yield path
    for table in tables:
        named = (table.get(name) for name in ("key_file", "secret_file"))
        yield from (Path(file) for file in named if isinstance(file, str))


def exposed_mode(path: Path) -> str:
    """Return the mode of a file that others can read or change, empty for one that is kept, or cannot be looked at."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return ""
    return f"{mode:04o}" if mode & (stat.S_IRWXO | stat.S_IWGRP) else ""


def _tables(cloud: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(cloud, dict):
        yield cloud
        yield from (table for table in cloud.values() if isinstance(table, dict))
