"""Where the credentials come from: the configuration or the environment, else a file, else systemd."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from store_agent.config.upstream import Address, Cloud
from store_agent.errors import ConfigurationError


class NotGiven(ConfigurationError):
    """Neither the configuration nor systemd gives a credential, as far as this process sees."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The store's name and password at one address."""

    key: str
    secret: str = field(repr=False)


def credentials_of(address: Address, section: str = "cloud") -> Credentials:
    """Read the credentials of an address; files are read anew each time. Raises ConfigurationError."""
    return Credentials(_find(section, "key", address.key, address.key_file), secret_of(address, section))


def secret_of(address: Address, section: str = "cloud") -> str:
    """Return the secret of an address. Raises ConfigurationError."""
    given = None if address.secret is None else address.secret.get_secret_value()
    return _find(section, "secret", given, address.secret_file)


def proxy_secret_of(cloud: Cloud) -> str:
    """Return the secret of the proxy, empty where it wants none. Raises ConfigurationError."""
    proxy = cloud.proxy
    if proxy is None or proxy.user is None:
        return ""
    given = None if proxy.secret is None else proxy.secret.get_secret_value()
    return _find("cloud.proxy", "secret", given, proxy.secret_file)


def addresses_of(cloud: Cloud) -> Iterator[tuple[str, Address]]:
    """Give the platform's addresses that are set, each with its table."""
    yield "cloud", cloud
    for name, address in (("core", cloud.core), ("connect", cloud.connect)):
        if address is not None:
            yield f"cloud.{name}", address


def credential_path(name: str) -> Path | None:
    """Return where systemd put a credential; None where it hands over no such one."""
    directory = os.environ.get("CREDENTIALS_DIRECTORY")
    path = Path(directory or "/nonexistent") / name
    return path if directory and path.exists() else None


def _find(section: str, name: str, given: str | None, file: Path | None) -> str:
    if given is not None:
        return given
    setting, credential = f"{section}.{name}", f"{section.replace('.', '_')}_{name}"
    path = file or credential_path(credential)
    if path is None:
        raise NotGiven(
            f"{setting} is missing. Set it, or {setting}_file to a file that holds it, "
            f"or let systemd hand it over as the credential {credential}, which only the service and root see."
        )
    try:
        found = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ConfigurationError(
            f"The file of {setting}, {path}, cannot be read ({reason}). The agent's user must be able to read it."
        ) from None
    if not found:
        raise ConfigurationError(f"The file of {setting}, {path}, is empty.")
    return found
