"""`store-agent check-config`."""

import typer

from store_agent.cli.options import DEFAULT_CONFIG, ConfigPath


def check_config(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Say whether a configuration can be used, without starting anything."""
    from store_agent.agent.certificate import try_certificate
    from store_agent.config.load import load, managers_group_of, secret_of

    settings = load(config)
    cloud = settings.cloud
    secret_of(cloud)
    for name, address in (("core", cloud.core), ("connect", cloud.connect)):
        if address is not None:
            secret_of(address, f"cloud.{name}")
    managers_group_of(settings.api)
    try_certificate(settings)
    typer.echo(f"{config} can be used.")
