"""The SQLite library, named once: sqlcipher3, whose wheel carries a current SQLite.

Versions before 3.51.3 can lose committed rows when a checkpoint meets a writer that resets the WAL; the agent
refuses to start on them (DESIGN, section 9).
"""

from typing import TYPE_CHECKING

from store_agent.errors import ConfigurationError, Damaged, DiskFull, StorageFailure

if TYPE_CHECKING:
    from sqlite3 import Connection, Error, ProgrammingError, connect, sqlite_version, sqlite_version_info
else:
    from sqlcipher3.dbapi2 import (
        Connection,
        Error,
        ProgrammingError,
        connect,
        sqlite_version,
        sqlite_version_info,
    )

__all__ = [
    "Connection",
    "Error",
    "connect",
    "failure",
    "needs_renewal",
    "refuse_affected",
    "sqlite_version",
    "sqlite_version_info",
]

FIXED = (3, 51, 3)

# Result codes, sqlite.org/rescode.html
_SHORT_READ = 522
_READONLY, _IOERR, _CORRUPT, _FULL, _CANTOPEN, _PROTOCOL, _NOTADB = 8, 10, 11, 13, 14, 15, 26


def refuse_affected(version: tuple[int, ...] = sqlite_version_info) -> None:
    """Raise ConfigurationError if this SQLite can lose committed sales."""
    if version < FIXED:
        shown = ".".join(map(str, version))
        raise ConfigurationError(
            f"SQLite {shown} can lose committed sales (the WAL-reset bug); the agent needs 3.51.3 or later. "
            "Install the packages that store-agent was released with."
        )


def failure(error: Exception, doing: str) -> StorageFailure:
    """Make what is raised of an error of SQLite while `doing` something, in words for a manager."""
    code = _code(error)
    if code == _FULL:
        return DiskFull(f"The disk is full: {doing} did not work ({error}).")
    if code in (_CORRUPT, _NOTADB) or _extended(error) == _SHORT_READ or "decode" in str(error):
        return Damaged(f"The database is damaged: {doing} did not work ({error}).")
    return StorageFailure(f"The disk or the database failed: {doing} did not work ({error}).")


def needs_renewal(error: BaseException | None) -> bool:
    """Tell whether the connection must be opened anew after this error: the file below it failed, or is closed."""
    if isinstance(error, ProgrammingError):
        return True
    return isinstance(error, Error) and _code(error) in (_READONLY, _IOERR, _CANTOPEN, _PROTOCOL)


def _code(error: Exception) -> int:
    return _extended(error) & 0xFF


def _extended(error: Exception) -> int:
    return int(getattr(error, "sqlite_errorcode", None) or 0)
