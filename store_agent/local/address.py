"""Where the agent of this machine answers, read from its configuration."""

from dataclasses import dataclass
from pathlib import Path

from store_agent.config.settings import Api


@dataclass(frozen=True, slots=True)
class Address:
    """`url` is what the agent is called, also over the `socket`, where there is one."""

    url: str
    socket: Path | None = None

    def __str__(self) -> str:
        return self.url if self.socket is None else str(self.socket)


def address_of(api: Api) -> Address:
    """Give the address that tills use."""
    host = f"[{api.host}]" if ":" in api.host else api.host
    return Address(f"http://{host}:{api.port}")
