"""The SQLite library, named once: sqlcipher3, whose wheel carries a current SQLite.

Versions before 3.51.3 can lose committed rows when a checkpoint meets a writer that resets the WAL; the agent
refuses to start on them (DESIGN, section 9).
"""

from typing import TYPE_CHECKING

from store_agent.errors import ConfigurationError

if TYPE_CHECKING:
    from sqlite3 import Connection, Error, connect, sqlite_version, sqlite_version_info
else:
    from sqlcipher3.dbapi2 import Connection, Error, connect, sqlite_version, sqlite_version_info

__all__ = [
    "Connection",
    "Error",
    "connect",
    "refuse_affected",
    "sqlite_version",
    "sqlite_version_info",
]

FIXED = (3, 51, 3)


def refuse_affected(version: tuple[int, ...] = sqlite_version_info) -> None:
    """Raise ConfigurationError if this SQLite can lose committed sales."""
    if version < FIXED:
        shown = ".".join(map(str, version))
        raise ConfigurationError(
            f"SQLite {shown} can lose committed sales (the WAL-reset bug); the agent needs 3.51.3 or later. "
            "Install the packages that store-agent was released with."
        )
