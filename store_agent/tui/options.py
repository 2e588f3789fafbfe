"""What the command was told about reaching the agent."""

from dataclasses import dataclass
from pathlib import Path

MANAGERS_SOCKET = Path("/run/store-agent/managers.sock")
"""Where the packaged agent lets its managers in."""


@dataclass(frozen=True, slots=True)
class Options:
    """The configuration, or an address instead of it; a terminal and the file of its token, to look as a cashier."""

    config: Path
    socket: Path | None = None
    terminal: str | None = None
    token_file: Path | None = None
