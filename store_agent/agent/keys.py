"""Which keys the store's files may have: handed over by systemd, or in a file of the agent's own."""

from pathlib import Path

from store_agent.config.credentials import credential_path
from store_agent.config.settings import Settings
from store_agent.errors import ConfigurationError, Unavailable
from store_agent.storage.database import FILE_NAME
from store_agent.storage.directory import make_directory
from store_agent.storage.key import PLAIN, Keys, read_keys
from store_agent.storage.locked import is_encrypted

CREDENTIAL = "storage_key"
"""Name of the keys in systemd's $CREDENTIALS_DIRECTORY."""


def key_path(settings: Settings) -> tuple[Path, bool]:
    """Give the file with the keys, and whether it is the agent's own, which it may write."""
    handed = credential_path(CREDENTIAL)
    if handed is not None:
        return handed, False
    return settings.storage.directory / settings.storage.key_file, True


def storage_keys(settings: Settings, *, make: bool = False) -> Keys:
    """Read the keys of the books; with `make` a first one is made, unless they are encrypted with one that is lost.

    Raises ConfigurationError, CannotCreate, Unavailable (to this user), StorageFailure, of which DiskFull.
    """
    try:
        return _keys(settings, make=make)
    except OSError as error:
        raise Unavailable(
            f"{error.filename} cannot be looked at ({error.strerror}); run this as the agent's user."
        ) from None


def _keys(settings: Settings, *, make: bool) -> Keys:
    path, own = key_path(settings)
    if settings.storage.encryption == "off":
        return Keys("", _former(path))
    books = settings.storage.directory / FILE_NAME
    if not path.exists():
        if is_encrypted(books):
            raise ConfigurationError(
                f"The key {path} is not there, and the sales are encrypted. Nothing was changed. Without the key the "
                "agent takes no sale, and this command cannot look into its files: put it into storage.key_file, or "
                f"let systemd hand it over as the credential {CREDENTIAL} (to a command with systemd-run -p)."
            )
        if not make:
            return PLAIN
        make_directory(settings.storage.directory)
    known = read_keys(path, make=make and own)
    return Keys(known[0], known)


def own_key_file(settings: Settings) -> Path:
    """Give the file in which a new key can be put. Raises ConfigurationError where there is none."""
    path, own = key_path(settings)
    if settings.storage.encryption == "off":
        raise ConfigurationError('Nothing is encrypted (storage.encryption = "off"); there is no key to change.')
    if not own:
        raise ConfigurationError(
            f"The key is the systemd credential {CREDENTIAL}, which only its owner can change: put a new line with 64 "
            "hexadecimal digits before the present one, which stays, and restart the agent; it does the rest."
        )
    return path


def _former(path: Path) -> tuple[str, ...]:
    """Give the keys that what is to be plain may still have; one that cannot be used is missed where it is needed."""
    try:
        return read_keys(path, make=False)
    except ConfigurationError:
        return ()
