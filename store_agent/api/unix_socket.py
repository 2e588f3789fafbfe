"""Listening on a Unix socket whose file says who may connect; it never exists with wider rights than it is to have."""

import errno
import os
import socket
import stat
from pathlib import Path

from store_agent.api.server import BACKLOG
from store_agent.errors import Unavailable

_CURES = {
    errno.ENOENT: "its directory is not there; create it, or correct api.socket",
    errno.ENOTDIR: "its directory is a file; correct api.socket",
    errno.EACCES: "the agent's user may not write to its directory; allow it, or correct api.socket",
    errno.EROFS: "its directory is read-only, or systemd lets the agent write elsewhere only; see ReadWritePaths= and "
    "RuntimeDirectory= in the agent's unit, or correct api.socket",
    errno.EPERM: "the agent's user must be a member of api.managers_group (usermod -aG GROUP store-agent)",
}


def listen_at(path: Path, group: int | None) -> socket.socket:
    """Listen on a socket file for this user, and for the members of a group if its number is given.

    A file that an agent left behind when it crashed is replaced. Raises Unavailable with words for the operator.
    """
    _refuse_taken(path)
    unfinished = path.with_name(f"~{path.name[1:]}")  # no longer than the path, which may be as long as can be
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        unfinished.unlink(missing_ok=True)
        _bind(listener, unfinished, group)
        listener.listen(BACKLOG)
        unfinished.replace(path)
    except OSError as error:
        listener.close()
        remove(unfinished)
        reason = _CURES.get(error.errno or 0, f"{error.strerror or error}; correct api.socket")
        raise Unavailable(f"The managers' socket {path} cannot be made: {reason}.") from None
    return listener


def remove(path: Path) -> None:
    """Remove a socket file, as far as that is possible; the next start replaces what stays."""
    try:
        path.unlink()
    except OSError:
        return


def _bind(listener: socket.socket, path: Path, group: int | None) -> None:
    before = os.umask(0o077)
    try:
        listener.bind(str(path))
    finally:
        os.umask(before)
    if group is not None:
        os.chown(path, -1, group)
    path.chmod(0o600 if group is None else 0o660)


def _refuse_taken(path: Path) -> None:
    """Raise Unavailable if the path is something else than a socket that nobody listens on."""
    try:
        mode = path.lstat().st_mode
    except OSError:
        return  # nothing there, or what makes the socket impossible, too
    if not stat.S_ISSOCK(mode):
        raise Unavailable(f"The managers' socket {path} cannot be made: a file is there; correct api.socket.")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        caller.setblocking(False)
        if caller.connect_ex(str(path)) in {0, errno.EAGAIN}:
            raise Unavailable(
                f"The managers' socket {path} cannot be made: another program listens there, perhaps the agent of "
                "another store; correct api.socket."
            )
