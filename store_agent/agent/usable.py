"""Whether a configuration can be used, with all that it names: credentials, certificates, the managers' group."""

from store_agent.agent.certificate import try_certificate
from store_agent.cloud.tls import client_context
from store_agent.config.credentials import addresses_of, credentials_of, proxy_secret_of
from store_agent.config.load import managers_group_of
from store_agent.config.settings import Settings


def demand_usable(settings: Settings) -> None:
    """Raise ConfigurationError for what cannot be used; nothing is started."""
    cloud = settings.cloud
    for section, address in addresses_of(cloud):
        credentials_of(address, section)
    proxy_secret_of(cloud)
    client_context(cloud.ca_file)
    managers_group_of(settings.api)
    try_certificate(settings)
