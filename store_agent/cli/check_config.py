"""`store-agent check-config`."""

import typer

from store_agent.cli.options import DEFAULT_CONFIG, ConfigPath


def check_config(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Say whether a configuration can be used, without starting anything."""
    from store_agent.agent.certificate import try_certificate
    from store_agent.cloud.tls import client_context
    from store_agent.config.credentials import addresses_of, credentials_of, proxy_secret_of
    from store_agent.config.load import load, managers_group_of

    settings = load(config)
    cloud = settings.cloud
    for section, address in addresses_of(cloud):
        credentials_of(address, section)
    proxy_secret_of(cloud)
    client_context(cloud.ca_file)
    managers_group_of(settings.api)
    try_certificate(settings)
    typer.echo(f"{config} can be used.")
