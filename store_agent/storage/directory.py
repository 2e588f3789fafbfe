"""Directories that the agent keeps things in: made, and refused with words for a person where that cannot work."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from store_agent.errors import CannotCreate

_WRITABLE = (
    " The agent's service may write only where systemd lets it: allow this directory with systemctl edit store-agent, "
    "[Service], ReadWritePaths=-{}, then restart the agent. If that is done, the disk itself is read-only."
)


def make_directory(directory: Path) -> None:
    """Make the storage directory if it is not there. Raises CannotCreate where the agent could not work in it."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        reason = "" if os.access(directory, os.W_OK | os.X_OK) else _refusal(directory)
    except OSError as error:
        reason = str(error.strerror)
    if reason:
        raise CannotCreate(
            f"The storage directory {directory} cannot be written ({reason}). Sales cannot be kept there. "
            "Correct storage.directory in the configuration, or give the agent's user the right to write."
        )
    refuse_foreign(directory)


def _refusal(directory: Path) -> str:
    return "its disk is read-only" if os.statvfs(directory).f_flag & os.ST_RDONLY else "permission denied"


def refuse_foreign(directory: Path) -> None:
    """Raise CannotCreate if the storage directory is not this user's own, OSError if it cannot be looked at.

    Files made there by another user, root too, could not be opened by the agent afterwards.
    """
    if directory.stat().st_uid != os.geteuid():
        raise CannotCreate(
            f"The storage directory {directory} belongs to another user ({_owner(directory)}). Run this as that user, "
            f"for example with: sudo -u {_owner(directory)}"
        )


@contextmanager
def telling(directory: Path, what: str, then: str) -> Iterator[None]:
    """Turn an OSError into CannotCreate: what did not work in a directory, and what that means for sales.

    A service may write only where its systemd unit lets it (ProtectSystem=, systemd.exec(5)); elsewhere the disk is
    read-only for it.
    """
    try:
        yield
    except OSError as error:
        cure = _WRITABLE.format(directory) if error.errno == errno.EROFS else ""
        raise CannotCreate(f"{what} ({error.strerror}). {then}{cure}") from None


def _owner(directory: Path) -> str:
    try:
        return directory.owner()
    except KeyError:
        return f"#{directory.stat().st_uid}"
