"""`store-agent status`."""

from typing import Any

import typer

from store_agent.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath
from store_agent.domain.lifecycle import State


def status(config: ConfigPath = DEFAULT_CONFIG, *, as_json: AsJson = False) -> None:
    """Tell whether sales are safe, how many wait, since when, and what to do."""
    from store_agent.cli import local, show
    from store_agent.config.load import load

    found: dict[str, Any] = local.call(load(config), "GET", "/v1/status")
    if as_json:
        show.print_json(found)
        return
    for sentence in found["words"]:
        typer.echo(show.plain(sentence))
    outbox = found["outbox"]
    counts = ", ".join(f"{outbox[state]:,} {state}" for state in State if outbox[state])
    typer.echo(f"{outbox['accepted']:,} taken in all{': ' + counts if counts else ''}.")
    if not outbox["balanced"]:
        typer.echo("The books do not balance. Please tell whoever looks after the agent.")
