"""How the agent is reached, and as whom.

Over the managers' socket, with the token in the storage directory, or as a terminal with its token. What costs time to
import is imported here, once the first picture is drawn.
"""

import getpass
import os
from pathlib import Path

from store_agent.config.load import load
from store_agent.errors import ConfigurationError
from store_agent.local.address import Address, address_of
from store_agent.local.agent import PATIENT, QUICK, LocalAgent, reach
from store_agent.local.credentials import Credentials
from store_agent.tui.calls import Calls
from store_agent.tui.options import MANAGERS_SOCKET, Options

LOOPBACK = "http://127.0.0.1"
"""What the agent is called over its socket."""


def open_calls(options: Options, typed: tuple[str, str] | None) -> Calls:
    """Make the way to the agent; `typed` is a name and a token that were asked for. Raises ConfigurationError."""
    credentials = _credentials(options, typed)
    socket = options.socket or _socket_instead(options)
    if socket is not None:
        return _calls(Address(LOOPBACK, socket), credentials)
    settings = load(options.config)
    if credentials is None:
        return Calls(reach(settings, QUICK), reach(settings, PATIENT), person())
    return _calls(address_of(settings), credentials)


def person() -> str:
    """Return who sits here: the name for the audit."""
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def _calls(address: Address, credentials: Credentials | None) -> Calls:
    return Calls(LocalAgent(address, credentials, QUICK), LocalAgent(address, credentials, PATIENT), person())


def _socket_instead(options: Options) -> Path | None:
    """Give the managers' socket where a manager may use that, but not read the configuration with its secrets."""
    if os.access(options.config, os.R_OK) or not MANAGERS_SOCKET.exists():
        return None
    return MANAGERS_SOCKET


def _credentials(options: Options, typed: tuple[str, str] | None) -> Credentials | None:
    if typed is not None:
        return Credentials(*typed)
    if options.terminal is None:
        return None
    if options.token_file is None:
        raise ConfigurationError("Give the token of the terminal as well: --token-file FILE.")
    try:
        return Credentials(options.terminal, options.token_file.read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ConfigurationError(f"The token file {options.token_file} cannot be read ({reason}).") from None
