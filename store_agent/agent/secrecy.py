"""Keeps what is in the agent's memory out of core dumps and of other processes' sight: sales, secrets, the key.

What lies open in files is not the agent's to change; it says so.
"""

import ctypes
import resource
from pathlib import Path

import structlog

from store_agent.config.exposure import exposed_mode, files_with_secrets

_log = structlog.get_logger("agent")

_PR_SET_DUMPABLE = 4
"""prctl(2): no core is dumped, also to a handler, and only root can trace or read /proc/PID/environ and mem."""


def keep_memory_private() -> None:
    """Forbid core dumps and tracing, where the system knows that."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def warn_of_exposed(config: Path, key: Path) -> None:
    """Warn of files with the platform's credentials, or the key, that others on this machine can read or change."""
    for path in (*files_with_secrets(config), key):
        if mode := exposed_mode(path):
            cure = f"chmod o=,g-w {path}"
            words = f"Others on this machine can read or change {path} (mode {mode}), which holds secrets. Run: {cure}"
            _log.warning("secret.exposed", words=words, path=str(path), mode=mode, cure=cure)
