"""The journal at the other end of standard error, and how it is told a line's priority (sd-daemon(3))."""

import os
from typing import TextIO

PRIORITIES = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
"""The levels of the log as those of syslog(3), which `journalctl -p` goes by."""


def is_journal(stream: TextIO) -> bool:
    """Tell whether what is written goes to the journal: JOURNAL_STREAM names its device and inode (systemd.exec(5)).

    The variable is inherited by whatever is started, so that a stream that was led elsewhere must be told from it.
    """
    try:
        there = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{there.st_dev}:{there.st_ino}"


def prefixed(level: str, text: str) -> str:
    """Put the priority before every line, since the journal takes each for an entry of its own."""
    sign = f"<{PRIORITIES[level]}>"
    return sign + text.replace("\n", f"\n{sign}")
