"""As whom the agent is asked: a name and its token, as HTTP Basic wants them."""

import base64
from dataclasses import dataclass, field
from pathlib import Path

from store_agent.storage.control import read_token
from store_agent.storage.terminals import MANAGER


@dataclass(frozen=True, slots=True)
class Credentials:
    """A terminal's name and its token."""

    name: str
    token: str = field(repr=False)

    def headers(self) -> dict[str, str]:
        """Give the header of HTTP Basic credentials."""
        both = base64.b64encode(f"{self.name}:{self.token}".encode()).decode("ascii")
        return {"Authorization": f"Basic {both}"}


@dataclass(frozen=True, slots=True)
class ControlToken:
    """The manager's token of the running agent. It is read for each call, since every start of the agent makes it anew.

    `group` is the one whose members need no token, if there is one.
    """

    directory: Path
    group: str | None = None

    @property
    def readable(self) -> bool:
        """Tell whether this user can read it."""
        return read_token(self.directory) is not None

    def headers(self) -> dict[str, str]:
        """Give the header of HTTP Basic credentials; what the agent refuses if the token cannot be read."""
        return Credentials(MANAGER, read_token(self.directory) or "").headers()

    def cure(self) -> str:
        """Say what to do where it cannot be read."""
        others = f", or become a member of the group {self.group}" if self.group else ""
        return (
            f"The agent runs, but its token in {self.directory} cannot be read. "
            f"Run this command as the agent's user, for example with: sudo -u store-agent{others}"
        )
