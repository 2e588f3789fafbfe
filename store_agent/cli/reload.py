"""`store-agent reload`."""

from typing import Any

import typer

from store_agent.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath
from store_agent.cli.person import By, Reason, named


def reload(config: ConfigPath = DEFAULT_CONFIG, *, by: By = None, reason: Reason = "", as_json: AsJson = False) -> None:
    """Let the running agent take over a changed address, authority, proxy or credentials of the platform.

    Sales go on meanwhile. A configuration that cannot be used changes nothing.
    """
    from store_agent.cli import local, show
    from store_agent.config.load import load

    done: dict[str, Any] = local.call(load(config), "POST", "/v1/reload", {"by": named(by), "reason": reason})
    if as_json:
        show.print_json(done)
        return
    typer.echo("The platform's address and credentials were read again; sending is tried now.")
    if done["restart_for"]:
        tables = "], [".join(done["restart_for"])
        typer.echo(f"Changes of [{tables}] take effect when the agent is restarted.")
