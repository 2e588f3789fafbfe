"""Putting files into their place: whole, on the disk, and for the right users."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from store_agent.errors import CannotCreate
from store_agent.storage.durable import write_through

OWN_MODE, SHARED_MODE = 0o600, 0o640
"""For its user alone; and readable by the agent's group, as the package has the configuration."""


class Owner(NamedTuple):
    """A user and a group, by number."""

    user: int
    group: int


class Access(NamedTuple):
    """Whose a file is, and who may read it."""

    owner: Owner
    mode: int


def beside(path: Path, name: str) -> Path:
    """Say where a configuration has something of its own: several in one directory share nothing."""
    return path.with_name(name if path.stem == "config" else f"{path.stem}.{name}")


def agents_user(directory: Path) -> Owner:
    """Give the user of the agent: whoever the storage directory belongs to, if it is root who asks; else this user."""
    if os.geteuid() == 0 and directory.exists():
        found = directory.stat()
        return Owner(found.st_uid, found.st_gid)
    return Owner(os.geteuid(), os.getegid())


def access_of(path: Path, agent: Owner) -> Access:
    """Give the access that a configuration has; to a new one, what the agent needs to read it."""
    if path.exists():
        return _present(path)
    if agent.user == os.geteuid():
        return Access(agent, OWN_MODE)
    return Access(Owner(os.geteuid(), agent.group), SHARED_MODE)


def write(path: Path, content: bytes, access: Access) -> None:
    """Put a file into its place in one step that a power cut cannot spoil. Raises CannotCreate."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        _write_draft(draft, content, access)
        draft.replace(path)
        write_through(path.parent)
    except OSError as error:
        raise CannotCreate(f"{path} cannot be written ({error.strerror}). What was there stays.") from None
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def unless_it_fails(path: Path) -> Iterator[None]:
    """Put back what is in a file now if what is done meanwhile raises CannotCreate. Raises CannotCreate."""
    path = path.resolve()
    try:
        before = (path.read_bytes(), _present(path)) if path.is_file() else None
    except OSError as error:
        raise CannotCreate(f"{path} cannot be read ({error.strerror}). What was there stays.") from None
    try:
        yield
    except CannotCreate:
        if before is not None:
            write(path, *before)
        elif path.is_file():
            path.unlink()
        raise


def become(user: Owner) -> None:
    """Go on as this user, if this is root and the user is another, so that what is made from now on is the user's."""
    if os.geteuid() == 0 and user.user != 0:
        os.setgroups([user.group])
        os.setgid(user.group)
        os.setuid(user.user)


def _present(path: Path) -> Access:
    found = path.stat()
    return Access(Owner(found.st_uid, found.st_gid), found.st_mode & 0o7777)


def _write_draft(draft: Path, content: bytes, access: Access) -> None:
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, OWN_MODE)
    with os.fdopen(descriptor, "wb") as file:
        if (access.owner.user, access.owner.group) != (os.geteuid(), os.getegid()):
            os.fchown(descriptor, *access.owner)
        os.fchmod(descriptor, access.mode)
        file.write(content)
        file.flush()
        os.fsync(descriptor)
