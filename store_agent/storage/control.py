"""The token by which this machine's manager speaks to the running agent (DESIGN, section 8).

It is made anew at every start and lies in the storage directory, where only the agent's user can read it.
"""

import errno
import os
import secrets
from pathlib import Path

from store_agent.errors import CannotCreate, DiskFull

FILE_NAME = "control.token"


def write_token(directory: Path) -> str:
    """Make the token of this run."""
    token = secrets.token_urlsafe(32)
    path = directory / FILE_NAME
    unfinished = path.with_suffix(".part")
    try:
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(token)
        unfinished.replace(path)
    except OSError as error:
        words = f"The manager's token {path} cannot be written ({error.strerror})."
        raise (DiskFull if error.errno == errno.ENOSPC else CannotCreate)(words) from None
    return token


def read_token(directory: Path) -> str | None:
    """Return the token of the running agent, or None if it cannot be read."""
    try:
        return (directory / FILE_NAME).read_text()
    except OSError:
        return None
