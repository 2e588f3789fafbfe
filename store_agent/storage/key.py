"""The keys that the books and what is remembered of guests are encrypted with at rest: 256 bits each, in one file.

The first line of the file is the key in use. Lines below it are former keys: with them older backups are opened, and a
change of the key that was cut short is finished.
"""

import contextlib
import errno
import hashlib
import os
import re
import secrets
from pathlib import Path
from typing import NamedTuple

from store_agent.errors import ConfigurationError, DiskFull, StorageFailure
from store_agent.storage.durable import write_through

KEYS_MAX = 20
"""Keys in one file: the one in use, and as many former ones as backups may need."""

_DISK = (errno.EIO, errno.EROFS)
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_FORM = re.compile(r"[0-9a-f]{64}")


class Keys(NamedTuple):
    """What the books are to be encrypted with (empty: not at all), and every key that a file may have, newest first."""

    wanted: str = ""
    known: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Show none of them (G16)."""
        return f"{len(self.known)} keys"


PLAIN = Keys()
"""Nothing is encrypted."""


def read_keys(path: Path, *, make: bool) -> tuple[str, ...]:
    """Read the keys, 64 hexadecimal digits a line; with `make` one is made where there is no file.

    Raises ConfigurationError for a file that cannot be read or made, or holds something else, StorageFailure where the
    disk does not take it, of which DiskFull.
    """
    try:
        if make and not path.exists():
            _make(path)
    except OSError as error:
        if error.errno in (*_DISK, *_NO_ROOM):
            failure = DiskFull if error.errno in _NO_ROOM else StorageFailure
            raise failure(f"The key {path} cannot be written ({error.strerror}).") from None
        raise _cannot_use(path, error) from None
    try:
        lines = path.read_text(encoding="ascii").lower().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise _cannot_use(path, error) from None
    keys = tuple(key for line in lines if (key := line.strip()))  # what is deleted by hand leaves an empty line
    if not 0 < len(keys) <= KEYS_MAX or not all(map(_FORM.fullmatch, keys)):
        raise ConfigurationError(
            f"The file of storage.key_file, {path}, holds no key: 64 hexadecimal digits a line are wanted. Bring the "
            'right file back. Only where nothing is encrypted with it (storage.encryption = "off") it may be deleted: '
            "the agent makes a new one then, and guests are remembered anew."
        )
    return keys


def read_key(path: Path, *, make: bool) -> str:
    """Read the key in use. Raises as `read_keys`."""
    return read_keys(path, make=make)[0]


def new_key() -> str:
    """Make a key."""
    return secrets.token_hex(32)


def fingerprint(key: str) -> str:
    """Give what tells a key from others and cannot be turned back into it."""
    return hashlib.sha256(b"store-agent key " + key.encode()).hexdigest()[:16]


def write_keys(path: Path, keys: tuple[str, ...]) -> None:
    """Write keys under the file's name only once they are whole and on the disk. Raises OSError.

    Half a key would keep the agent from starting for ever; so would one that a power cut takes back after the books
    were encrypted with it.
    """
    draft = _draft(path, keys)
    draft.replace(path)
    write_through(path.parent)


def _make(path: Path) -> None:
    """Make the first key, unless somebody else just has: what is encrypted with theirs must not lose it."""
    draft = _draft(path, (new_key(),))
    with contextlib.suppress(FileExistsError):
        path.hardlink_to(draft)
    draft.unlink()
    write_through(path.parent)


def _draft(path: Path, keys: tuple[str, ...]) -> Path:
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write("".join(f"{key}\n" for key in keys))
        file.flush()
        os.fsync(file.fileno())
    return draft


def _cannot_use(path: Path, error: OSError | UnicodeDecodeError) -> ConfigurationError:
    reason = error.strerror if isinstance(error, OSError) else "it is not text"
    return ConfigurationError(
        f"The key in storage.key_file, {path}, cannot be used ({reason}). The agent's user must be able to read it, or "
        "systemd must hand it over as the credential storage_key."
    )
