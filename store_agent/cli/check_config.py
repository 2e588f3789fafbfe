"""`store-agent check-config`."""

import typer

from store_agent.cli.options import DEFAULT_CONFIG, ConfigPath


def check_config(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Say whether a configuration can be used, without starting anything.

    As root it knows the credentials that systemd hands to the service, and whether its user can read the rest.
    """
    from store_agent.agent.handed_over import load_as_service
    from store_agent.agent.usable import demand_readable, demand_usable

    demand_usable(load_as_service(config))
    demand_readable(config)
    typer.echo(f"{config} can be used.")
