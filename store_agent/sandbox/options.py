"""What one run of the sandbox is told."""

import ipaddress
from dataclasses import dataclass

from store_agent.errors import ConfigurationError
from store_agent.sandbox.fault import Fault

PORT_MAX = 65_535


@dataclass(frozen=True)
class SandboxOptions:
    """Settings of the stand-in platform. Raises `ConfigurationError` for an address beyond this machine.

    `port` 0 picks a free one. `key`, `secret`: of the POS API; `app_key`, `app_secret`: of the core upstream, whose
    paths name the key, too; `connect_key`, `connect_secret`: of the connect upstream. `batch_max`: transactions per
    call, 10 in "SessionM POS API, Batch Send Transaction". `latency_ms`: milliseconds added to every call. `seed`: of
    the generator behind fault probabilities. `keep_bodies`: False keeps only digests, so that a run of a million sales
    stays small. `body_bytes_max`: a larger request body is answered with 413.
    """

    host: str = "127.0.0.1"
    port: int = 9000
    key: str = "sandbox-key"
    secret: str = "sandbox-secret"  # noqa: S105 - a made-up secret that guards nothing
    app_key: str = "sandbox-app-key"
    app_secret: str = "sandbox-app-secret"  # noqa: S105 - the same
    connect_key: str = "sandbox-connect-key"
    connect_secret: str = "sandbox-connect-secret"  # noqa: S105 - the same
    batch_max: int = 10
    latency_ms: int = 0
    seed: int = 0
    keep_bodies: bool = True
    faults: tuple[Fault, ...] = ()
    body_bytes_max: int = 8 * 1024 * 1024

    def __post_init__(self) -> None:
        if not _is_loopback(self.host):
            raise ConfigurationError(
                "The sandbox listens on this machine only: "
                f"its host must be 127.0.0.1, ::1 or localhost, not {self.host!r}."
            )
        if not 0 <= self.port <= PORT_MAX:
            raise ConfigurationError(f"The sandbox's port must be from 0 to {PORT_MAX}, not {self.port}.")
        if self.batch_max < 1 or self.latency_ms < 0 or self.body_bytes_max < 1:
            raise ConfigurationError("The sandbox needs batch_max and body_bytes_max from 1, latency_ms from 0.")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
