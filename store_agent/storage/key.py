"""The key that personal data are encrypted with at rest: 256 bits in a file of its own."""

import errno
import os
import re
import secrets
from pathlib import Path

from store_agent.errors import ConfigurationError, StorageFailure

_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS)
_FORM = re.compile(r"[0-9a-f]{64}")


def read_key(path: Path, *, make: bool) -> str:
    """Read the key, 64 hexadecimal digits; with `make` one is made where there is none.

    Raises ConfigurationError for a file that cannot be read or made, or holds something else, StorageFailure where the
    disk does not take it.
    """
    try:
        if make and not path.exists():
            _make(path)
    except OSError as error:
        if error.errno in _DISK:
            raise StorageFailure(f"The key {path} cannot be written ({error.strerror}).") from None
        raise _cannot_use(path, error) from None
    try:
        key = path.read_text(encoding="ascii").strip().lower()
    except (OSError, UnicodeDecodeError) as error:
        raise _cannot_use(path, error) from None
    if not _FORM.fullmatch(key):
        raise ConfigurationError(
            f"The file of storage.key_file, {path}, holds no key: 64 hexadecimal digits are wanted. Delete it, and the "
            "agent makes a new one; guests are then remembered anew."
        )
    return key


def _cannot_use(path: Path, error: OSError | UnicodeDecodeError) -> ConfigurationError:
    reason = error.strerror if isinstance(error, OSError) else "it is not text"
    return ConfigurationError(
        f"The key in storage.key_file, {path}, cannot be used ({reason}). The agent's user must be able to read it; or "
        'set gateway.remember = "off", and no personal data are kept.'
    )


def _make(path: Path) -> None:
    """Make a key under its name only once it is whole: half a one would keep the agent from starting for ever."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
