"""Where the secret of the platform is kept: alone in a file, or as a credential of systemd."""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from store_agent.agent.setup.writing import OWN_MODE, Access, Owner, write
from store_agent.config.filling import Change
from store_agent.errors import ConfigurationError

CREDENTIALS = Path("/etc/credstore.encrypted")
"""Where the unit looks for credentials that systemd decrypts (packaging/debian/store-agent.service)."""

NAME = "cloud_secret"
SECONDS_MAX = 60.0
"""How long systemd-creds may take; where a TPM is asked, that takes a second."""


class Place(Protocol):
    """Where a secret is kept."""

    @property
    def path(self) -> Path:
        """The file."""
        ...

    def read(self) -> str:
        """Give the secret that is there, empty if none is. Raises ConfigurationError."""
        ...

    def keep(self, secret: str, agent: Owner) -> None:
        """Put a secret there, for the agent's user. Raises CannotCreate, ConfigurationError."""
        ...

    def changes(self) -> list[Change]:
        """Say what the configuration must say of it."""
        ...


@dataclass(frozen=True, slots=True)
class SecretFile:
    """A file that the configuration names."""

    path: Path

    def read(self) -> str:
        """Give what is in it."""
        try:
            return self.path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return ""

    def keep(self, secret: str, agent: Owner) -> None:
        """Write it, for the agent's user alone."""
        write(self.path, f"{secret}\n".encode(), Access(agent, OWN_MODE))

    def changes(self) -> list[Change]:
        """Name the file, and the secret nowhere else."""
        return [Change("cloud", "secret", None), Change("cloud", "secret_file", str(self.path))]


@dataclass(frozen=True, slots=True)
class Credential:
    """One of systemd's encrypted credentials, which the unit loads by its name."""

    path: Path

    def read(self) -> str:
        """Decrypt it."""
        return decrypted(NAME) if is_handed_over(NAME) else ""

    def keep(self, secret: str, agent: Owner) -> None:  # noqa: ARG002 - systemd hands it over, whoever the agent is
        """Encrypt it with the machine's own key (systemd-creds(1))."""
        encrypted = _systemd_creds("encrypt", f"--name={NAME}", "-", "-", given=secret)
        write(self.path, encrypted.encode(), Access(Owner(0, 0), OWN_MODE))

    def changes(self) -> list[Change]:
        """Name it nowhere: what the configuration names comes first."""
        return [Change("cloud", "secret", None), Change("cloud", "secret_file", None)]


def place_of(values: dict[str, Any], path: Path, *, encrypted: bool, service: bool) -> Place:
    """Give the place for the secret of the configuration at `path`: a credential if that is wanted, or is there."""
    cloud = values.get("cloud", {})
    named = cloud.get("secret_file")
    if encrypted or (service and "secret" not in cloud and named is None and is_handed_over(NAME)):
        return Credential(_credential(NAME))
    return SecretFile(Path(str(named)) if named else path.with_name(NAME))


def is_handed_over(name: str) -> bool:
    """Tell whether the unit finds a credential of this name."""
    return _credential(name).exists()


def decrypted(name: str) -> str:
    """Give a credential as the service gets it. Raises ConfigurationError."""
    return _systemd_creds("decrypt", f"--name={name}", str(_credential(name)), "-").strip()


def _credential(name: str) -> Path:
    return CREDENTIALS / f"store-agent.{name}"


def _systemd_creds(*words: str, given: str = "") -> str:
    try:
        done = subprocess.run(  # noqa: S603 - its words are of this file
            ["systemd-creds", *words],  # noqa: S607 - the system's own
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS_MAX,
        )
        reason = "" if done.returncode == 0 else done.stderr.strip()
    except FileNotFoundError:
        reason = "it is not installed"
    except subprocess.TimeoutExpired:
        reason = "it does not answer"
    if reason:
        raise ConfigurationError(
            f"systemd-creds {words[0]} does not work here: {reason}. Nothing was changed. Without --systemd-creds the "
            "secret is kept in a file that only the agent's user can read."
        )
    return done.stdout
