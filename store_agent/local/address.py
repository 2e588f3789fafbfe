"""Where the agent of this machine answers, read from its configuration."""

import os
import ssl
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from store_agent.config.api import Api
from store_agent.config.settings import Settings


@dataclass(frozen=True, slots=True)
class Address:
    """`url` is what the agent is called, also over the `socket`, where there is one.

    `certificate` is the file of the agent's own, where the connection is encrypted: on this machine nothing else is
    trusted, and nothing else is needed.
    """

    url: str
    socket: Path | None = None
    certificate: Path | None = None

    def trust(self) -> ssl.SSLContext | None:
        """Make what the agent is trusted by; it costs time that a plain connection does not need."""
        if self.certificate is None:
            return None
        from store_agent.api.tls import make_trust  # noqa: PLC0415

        return make_trust(self.certificate)

    def __str__(self) -> str:
        return self.url if self.socket is None else str(self.socket)


def address_of(settings: Settings) -> Address:
    """Give the address that tills use; from this machine its loopback is as good where the agent listens on all."""
    api = settings.api
    where = f"{_host(api)}:{api.port}"
    return (
        Address(f"http://{where}") if api.tls is None else Address(f"https://{where}", None, api.tls.certificate_file)
    )


def socket_of(settings: Settings) -> Address | None:
    """Give the managers' address; None where there is no socket, or none that this user may use.

    The agent is called by the same name there, which it allows whatever else api.allowed_hosts says.
    """
    path, api = settings.managers_socket, settings.api
    return None if path is None or not os.access(path, os.W_OK) else Address(f"http://{_host(api)}:{api.port}", path)


def _host(api: Api) -> str:
    if api.host == "localhost" or not ip_address(api.host).is_unspecified:
        return f"[{api.host}]" if ":" in api.host else api.host
    return "[::1]" if ":" in api.host else "127.0.0.1"
