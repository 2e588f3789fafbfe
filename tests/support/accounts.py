"""Other accounts of this machine, for tests that run as root: who calls is the kernel's word."""

import http.client
import json
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.agent import COMMAND

DAEMON, BIN = 1, 2
"""Accounts that every machine has; each has a group of its own, of the same number."""

MANAGERS = 54_321
GROUP = "store-managers"

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can call as somebody else")


@contextmanager
def acting_as(uid: int, gid: int, groups: tuple[int, ...] = ()) -> Iterator[None]:
    """Be somebody else for as long as the context lasts."""
    before = os.getgroups()
    os.setgroups(groups)
    os.setegid(gid)
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(before)


class Visit:
    """One connection to a Unix socket, made as somebody."""

    def __init__(self, path: Path, uid: int = 0, gid: int = 0, groups: tuple[int, ...] = ()) -> None:
        self._connection = http.client.HTTPConnection("localhost", timeout=20.0)
        connected = socket.socket(socket.AF_UNIX)
        self._connection.sock = connected
        try:
            with acting_as(uid, gid, groups):
                connected.connect(str(path))
        except OSError:
            connected.close()
            raise

    def ask(self, path: str, *, method: str = "GET", body: Any = None, **headers: str) -> tuple[int, Any]:
        """Send a request; gives the status and the container."""
        content = None if body is None else json.dumps(body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._connection.request(method, path, content, {"Content-Type": "application/json", **named})
        answer = self._connection.getresponse()
        return answer.status, json.loads(answer.read())

    def close(self) -> None:
        self._connection.close()


@contextmanager
def visiting(path: Path, uid: int = 0, gid: int = 0, groups: tuple[int, ...] = ()) -> Iterator[Visit]:
    """Be connected for as long as the context lasts."""
    visit = Visit(path, uid, gid, groups)
    try:
        yield visit
    finally:
        visit.close()


@contextmanager
def public_directory() -> Iterator[Path]:
    """Make a directory that every account can look into, as /run/store-agent is."""
    made = Path(tempfile.mkdtemp(dir="/tmp"))  # pytest's own directories are closed to others
    made.chmod(0o755)
    try:
        yield made
    finally:
        shutil.rmtree(made)


class Groups:
    """A machine's groups, with one of managers."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._others = Path("/etc/group").read_text()
        self.join()
        tried = subprocess.run(self.command("true"), capture_output=True, check=False)
        if tried.returncode != 0:
            pytest.skip("groups of an own machine cannot be mounted here (needs root)")

    def command(self, *command: str) -> tuple[str, ...]:
        """Give what runs a command, an agent if none is given, on a machine with these groups."""
        script = 'mount --bind "$0" /etc/group && exec "$@"'
        return ("unshare", "--mount", "sh", "-c", script, str(self._path), *(command or COMMAND))

    def join(self, *members: str) -> None:
        """Let exactly these users be members from now on."""
        self._path.write_text(f"{self._others}{GROUP}:x:{MANAGERS}:{','.join(members)}\n")
