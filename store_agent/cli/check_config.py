"""`store-agent check-config`."""

from typing import TYPE_CHECKING

import typer

from store_agent.cli.options import DEFAULT_CONFIG, ConfigPath

if TYPE_CHECKING:
    from store_agent.config.settings import Settings


def check_config(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Say whether a configuration can be used, without starting anything."""
    from store_agent.config.load import load, managers_group_of, secret_of

    settings = load(config)
    cloud = settings.cloud
    secret_of(cloud)
    for name, address in (("core", cloud.core), ("connect", cloud.connect)):
        if address is not None:
            secret_of(address, f"cloud.{name}")
    managers_group_of(settings.api)
    _check_certificate(settings)
    typer.echo(f"{config} can be used.")


def _check_certificate(settings: "Settings") -> None:
    """Try the local API's certificate. Raises ConfigurationError, also for one that is expired."""
    from store_agent.agent.wiring import tls_files
    from store_agent.api.tls import expiry, make_context
    from store_agent.errors import ConfigurationError

    files = tls_files(settings)
    if files is not None:
        make_context(files)
        if words := expiry(files):
            raise ConfigurationError(words)
