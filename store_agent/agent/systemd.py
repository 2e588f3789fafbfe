"""Telling systemd how the agent is (sd_notify, man 3), and pinging its watchdog while it makes progress (G17)."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable, Iterator

import structlog

from store_agent.errors import AgentError

PINGS = 3
"""Pings in the time after which systemd gives the agent up."""

WAIT_SECONDS = 1.0
"""How long systemd may take to read what it must not miss."""


_HANGS = (
    "The disk or the sending does not move. Unless it goes on, systemd starts the agent anew soon; sales that were "
    "answered are safe."
)

_log = structlog.get_logger("agent")


def notify(*lines: str, wait: float = WAIT_SECONDS) -> bool:
    """Send assignments such as READY=1, and tell whether that went out; does nothing where systemd does not listen.

    Waits for so many seconds at most while systemd does not read; then it misses this.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
        out.settimeout(wait)
        out.sendto("\n".join(lines).encode(), address.replace("@", "\0", 1) if address[0] == "@" else address)
        return True
    return False


def say(words: str, wait: float = 0.0) -> bool:
    """Give the line that `systemctl status` shows, for a person; whatever breaks lines would end it.

    Tells whether it went out; no sale waits while systemd does not read.
    """
    return notify(f"STATUS={' '.join(words.split())}", wait=wait)


@contextlib.contextmanager
def last_words() -> Iterator[None]:
    """Leave as the last line why the agent ended by itself, if it does: it stays to be seen until the next start."""
    try:
        yield
    except AgentError as error:
        say(str(error), WAIT_SECONDS)
        raise


def listens() -> bool:
    """Tell whether systemd wants to know."""
    return bool(os.environ.get("NOTIFY_SOCKET"))


def watchdog_seconds() -> float | None:
    """Return how often systemd wants to hear from this process; None if it does not."""
    micro, pid = os.environ.get("WATCHDOG_USEC", ""), os.environ.get("WATCHDOG_PID", "")
    if not micro.isdigit() or pid not in ("", str(os.getpid())):
        return None
    return int(micro) / 1_000_000


async def keep_watch(hangs: Callable[[], bool]) -> None:
    """Ping for as long as nothing hangs; without a watchdog there is nothing to do, and this waits to be cancelled."""
    seconds = watchdog_seconds()
    if seconds is None:
        await asyncio.Event().wait()
    hung = False
    while True:
        if not (hangs_now := hangs()):
            notify("WATCHDOG=1", wait=0.0)
        elif not hung:
            _log.error("agent.hangs", words=_HANGS)
        hung = hangs_now
        await asyncio.sleep((seconds or 0.0) / PINGS)
