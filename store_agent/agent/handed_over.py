"""What systemd hands to the service and to nobody else: its credentials, which root can read or decrypt."""

import subprocess
from pathlib import Path
from typing import Any

from store_agent.agent import service
from store_agent.config.load import parse, read_values
from store_agent.config.settings import Settings
from store_agent.errors import ConfigurationError

CREDENTIALS = Path("/etc/credstore.encrypted")
"""Where the unit looks for credentials that systemd decrypts (packaging/debian/store-agent.service)."""

SECONDS_MAX = 60.0
"""How long systemd-creds may take; where a TPM is asked, that takes a second."""

_HANDED_OVER = {"core": ("key", "secret"), "connect": ("key", "secret"), "proxy": ("secret",)}
"""The tables in [cloud], each with what the unit may get for it."""


def load_as_service(path: Path) -> Settings:
    """Load as `config.load.load`; of the service's own configuration root sees what the service gets beside it.

    Raises ConfigurationError, too, for a credential that cannot be decrypted.
    """
    values = read_values(path)
    return parse(with_credentials(values) if service.is_installed(path) else values, path)


def with_credentials(values: dict[str, Any]) -> dict[str, Any]:
    """Put the credentials that systemd hands over into the values that name none. Raises ConfigurationError."""
    cloud = values.get("cloud", {})
    if not isinstance(cloud, dict):
        return values
    inner = {
        name: _completed(cloud[name], f"cloud_{name}", keys) for name, keys in _HANDED_OVER.items() if name in cloud
    }
    return {**values, "cloud": {**_completed(cloud, "cloud", ("key", "secret")), **inner}}


def _completed(table: Any, name: str, keys: tuple[str, ...]) -> Any:
    if not isinstance(table, dict):
        return table
    open_ = [key for key in keys if not {key, f"{key}_file"} & set(table) and is_given(f"{name}_{key}")]
    return {**table, **{key: _given(f"{name}_{key}") for key in open_}}


def is_given(name: str) -> bool:
    """Tell whether the service gets a credential of this name, encrypted or as it is."""
    return is_handed_over(name) or service.plain_credential(name) is not None


def _given(name: str) -> str:
    plain = service.plain_credential(name)  # of two with one name systemd takes the drop-in's
    if plain is None:
        return decrypted(name)
    try:
        return plain.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ConfigurationError(
            f"The file {plain} of LoadCredential={name} cannot be read ({reason}); the service does not start with it. "
            "Put it there, or take that line out (systemctl edit store-agent)."
        ) from None


def is_handed_over(name: str) -> bool:
    """Tell whether the unit finds an encrypted credential of this name."""
    return credential_file(name).exists()


def credential_file(name: str) -> Path:
    """Say where the unit looks for it."""
    return CREDENTIALS / f"store-agent.{name}"


def decrypted(name: str) -> str:
    """Give a credential as the service gets it. Raises ConfigurationError."""
    path = credential_file(name)
    try:
        return _systemd_creds("decrypt", f"--name={name}", str(path), "-").decode().strip()
    except (_NotDoneError, UnicodeDecodeError) as error:
        reason = "it is not text" if isinstance(error, UnicodeDecodeError) else str(error)
    raise ConfigurationError(
        f"The credential {path} cannot be decrypted on this machine ({reason}); the service does not start with it. "
        "Make it anew (the platform's secret: store-agent init --secret-file FILE), or remove it."
    )


def encrypted(name: str, secret: str) -> bytes:
    """Encrypt a credential with the machine's own key (systemd-creds(1)). Raises ConfigurationError."""
    try:
        return _systemd_creds("encrypt", f"--name={name}", "-", "-", given=secret)
    except _NotDoneError as error:
        raise ConfigurationError(
            f"systemd-creds encrypt does not work here: {error}. Nothing was changed. Without --systemd-creds, and "
            f"without {credential_file(name)}, the secret is kept in a file that only the agent's user can read."
        ) from None


class _NotDoneError(Exception):
    """Why systemd-creds did not do it."""


def _systemd_creds(*words: str, given: str = "") -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 - its words are of this file
            ["systemd-creds", *words],  # noqa: S607 - the system's own
            input=given.encode(),
            capture_output=True,
            check=False,
            timeout=SECONDS_MAX,
        )
    except FileNotFoundError:
        raise _NotDoneError("systemd-creds is not installed") from None
    except subprocess.TimeoutExpired:
        raise _NotDoneError("systemd-creds does not answer") from None
    if done.returncode != 0:
        raise _NotDoneError(done.stderr.decode(errors="replace").strip() or "it does not say why")
    return done.stdout
