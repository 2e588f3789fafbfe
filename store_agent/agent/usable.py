"""Whether a configuration can be used, with all that it names: credentials, certificates, the managers' group."""

from pathlib import Path

from store_agent.agent import service
from store_agent.agent.certificate import try_certificate
from store_agent.cloud.tls import client_context
from store_agent.config.credentials import addresses_of, credentials_of, proxy_secret_of
from store_agent.config.exposure import files_with_secrets
from store_agent.config.load import managers_group_of
from store_agent.config.settings import Settings
from store_agent.errors import ConfigurationError


def demand_readable(path: Path) -> None:
    """Raise ConfigurationError where the service's user cannot read its configuration, or a file with a secret.

    Only root can tell; of another configuration, and to others, it says nothing.
    """
    user = service.user() if service.is_installed(path) else None
    if user is None:
        return
    for file in (path.absolute(), *files_with_secrets(path)):
        if not service.can_read(user, file):
            raise ConfigurationError(
                f"The agent's user {user.pw_name} cannot read {file}: the service does not start, and takes no sales. "
                f"Give it to that user: chown {user.pw_name} {file}, and look at the directories above it."
            )


def demand_usable(settings: Settings) -> None:
    """Raise ConfigurationError for what cannot be used; nothing is started."""
    cloud = settings.cloud
    for section, address in addresses_of(cloud):
        credentials_of(address, section)
    proxy_secret_of(cloud)
    client_context(cloud.ca_file)
    managers_group_of(settings.api)
    try_certificate(settings)
