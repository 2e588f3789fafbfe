"""Waiting for a process to be ready, without asking it again and again: it says so by itself (sd_notify(3))."""

import os
import select
import socket
import subprocess
import time
from collections.abc import Callable
from typing import Any


def start_and_wait(start: Callable[[dict[str, str]], subprocess.Popen[Any]], within: float) -> subprocess.Popen[Any]:
    """Start a process with the environment that is given, and wait until it is ready or has ended.

    Where the test listens itself, it is only started.
    """
    if "NOTIFY_SOCKET" in os.environ:
        return start(dict(os.environ))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notices:
        notices.bind("")  # the kernel gives a name
        name = notices.getsockname()[1:].decode()
        process = start(os.environ | {"NOTIFY_SOCKET": f"@{name}"})
        _wait(process.pid, notices, within)
    return process


def _wait(pid: int, notices: socket.socket, within: float) -> None:
    end, until = os.pidfd_open(pid), time.monotonic() + within
    watched = [notices.fileno(), end]
    try:
        while select.select(watched, [], [], max(0.0, until - time.monotonic()))[0] == watched[:1]:
            if b"READY=1" in notices.recv(4_096).split(b"\n"):
                return
    finally:
        os.close(end)
