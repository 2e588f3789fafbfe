"""The file that says that there is a database, and which keys it may be encrypted with.

A database that is gone is never silently replaced by an empty one, and one that is locked is never taken for damaged.
"""

import re
from pathlib import Path

from store_agent.storage.durable import write_through
from store_agent.storage.key import fingerprint

MARK = "store-agent.made"

_TEXT = (
    "There is a database of store-agent in this directory. If this file is here and the database is not, it was lost.\n"
)
_KEY = "It is encrypted with a key whose fingerprint is {}.\n"
_SALT = "Its salt is {}.\n"
_SALT_NOTED = re.compile(r"salt is ([0-9a-f]{32})")
_FINGERPRINT = re.compile(r"fingerprint is ([0-9a-f]{16})")


def mark(directory: Path, *keys: str, salt: str = "") -> None:
    """Note that a database was made in a directory, and its keys; empty ones stand for none. Raises OSError.

    `salt` is that of the file, in hexadecimal digits: without it no page can be proven once the first one is damaged.
    """
    text = _TEXT + "".join(_KEY.format(fingerprint(key)) for key in keys if key) + (_SALT.format(salt) if salt else "")
    note = directory / MARK
    if note.exists() and note.read_text(encoding="utf-8", errors="replace") == text:
        return
    part = note.with_suffix(".part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    part.write_text(text, encoding="utf-8")
    write_through(part)
    part.replace(note)
    write_through(directory)


def is_marked(directory: Path) -> bool:
    """Tell whether a database was made in a directory."""
    return (directory / MARK).exists()


def fingerprints(directory: Path) -> set[str]:
    """Give the fingerprints of the keys that the database in a directory may have. Raises OSError."""
    return set(_FINGERPRINT.findall(_noted(directory)))


def salts(directory: Path) -> set[bytes]:
    """Give the salt that the database in a directory has, if it is known. Raises OSError."""
    return set(map(bytes.fromhex, _SALT_NOTED.findall(_noted(directory))))


def _noted(directory: Path) -> str:
    return (directory / MARK).read_text(encoding="utf-8", errors="replace") if is_marked(directory) else ""
