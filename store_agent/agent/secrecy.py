"""Keeps what is in the agent's memory out of core dumps and of other processes' sight: sales, secrets, the key."""

import ctypes
import resource

_PR_SET_DUMPABLE = 4
"""prctl(2): no core is dumped, also to a handler, and only root can trace or read /proc/PID/environ and mem."""


def keep_memory_private() -> None:
    """Forbid core dumps and tracing, where the system knows that."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
