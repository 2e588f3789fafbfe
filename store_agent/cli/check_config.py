"""`store-agent check-config`."""

import typer

from store_agent.cli.options import DEFAULT_CONFIG, ConfigPath


def check_config(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Say whether a configuration can be used, without starting anything."""
    from store_agent.agent.usable import demand_usable
    from store_agent.config.load import load

    demand_usable(load(config))
    typer.echo(f"{config} can be used.")
