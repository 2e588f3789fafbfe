"""Where the secret of the platform is kept: alone in a file, or as a credential of systemd."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from store_agent.agent.handed_over import credential_file, decrypted, encrypted, is_handed_over
from store_agent.agent.setup.writing import OWN_MODE, Access, Owner, beside, write
from store_agent.config.filling import Change

NAME = "cloud_secret"


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
        write(self.path.resolve(), f"{secret}\n".encode(), Access(agent, OWN_MODE))

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
        """Encrypt it."""
        write(self.path, encrypted(NAME, secret), Access(Owner(0, 0), OWN_MODE))

    def changes(self) -> list[Change]:
        """Name it nowhere: what the configuration names comes first."""
        return [Change("cloud", "secret", None), Change("cloud", "secret_file", None)]


def place_of(values: dict[str, Any], path: Path, *, encrypt: bool, service: bool) -> Place:
    """Give the place for the secret of the configuration at `path`: a credential if that is wanted, or is there."""
    cloud = values.get("cloud", {})
    named = cloud.get("secret_file")
    if encrypt or (service and "secret" not in cloud and named is None and is_handed_over(NAME)):
        return Credential(credential_file(NAME))
    return SecretFile(path.parent / str(named) if named else beside(path, NAME))
