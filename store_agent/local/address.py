"""Where the agent of this machine answers, read from its configuration."""

import os
from dataclasses import dataclass
from pathlib import Path

from store_agent.config.settings import Settings


@dataclass(frozen=True, slots=True)
class Address:
    """`url` is what the agent is called, also over the `socket`, where there is one."""

    url: str
    socket: Path | None = None

    def __str__(self) -> str:
        return self.url if self.socket is None else str(self.socket)


def address_of(settings: Settings) -> Address:
    """Give the address that tills use."""
    api = settings.api
    host = f"[{api.host}]" if ":" in api.host else api.host
    return Address(f"http://{host}:{api.port}")


def socket_of(settings: Settings) -> Address | None:
    """Give the managers' address; None where there is no socket, or none that this user may use.

    The agent is called by the same name there, which it allows whatever else api.allowed_hosts says.
    """
    path = settings.managers_socket
    return None if path is None or not os.access(path, os.W_OK) else Address(address_of(settings).url, path)
