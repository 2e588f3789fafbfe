"""The key that personal data are encrypted with at rest: 256 bits in a file of its own."""

import os
import re
import secrets
from pathlib import Path

from store_agent.errors import ConfigurationError

_FORM = re.compile(r"[0-9a-f]{64}")


def read_key(path: Path, *, make: bool) -> str:
    """Read the key, 64 hexadecimal digits; with `make` one is made where there is none.

    Raises ConfigurationError for a file that cannot be read or made, or holds something else.
    """
    try:
        if make and not path.exists():
            _make(path)
        key = path.read_text(encoding="ascii").strip().lower()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ConfigurationError(
            f"The key in storage.key_file, {path}, cannot be read ({reason}). The agent's user must be able to "
            'read it; or set gateway.remember = "off", and no personal data are kept.'
        ) from None
    if not _FORM.fullmatch(key):
        raise ConfigurationError(
            f"The file of storage.key_file, {path}, holds no key: 64 hexadecimal digits are wanted. Delete it, and the "
            "agent makes a new one; guests are then remembered anew."
        )
    return key


def _make(path: Path) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32))
        file.flush()
        os.fsync(file.fileno())
