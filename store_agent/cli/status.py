"""`store-agent status`."""

from typing import Any

import typer

from store_agent.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath
from store_agent.domain.lifecycle import State
from store_agent.domain.summary import duration


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
    if outbox is None:
        return  # the database is not open yet; the words say why
    counts = ", ".join(f"{outbox[state]:,} {state}" for state in State if outbox[state])
    typer.echo(f"{outbox['accepted']:,} taken in all{': ' + counts if counts else ''}.")
    if found["space"]["sales_left"] is not None:
        typer.echo(_room(found["space"]))
    if not outbox["balanced"]:
        typer.echo("The books do not balance. Please tell whoever looks after the agent.")


def _room(space: dict[str, Any]) -> str:
    lasts = space["seconds_left"]
    at_this_rate = "" if lasts is None else f", {duration(lasts)} at the present rate"
    return f"There is room on the disk for about {space['sales_left']:,} more sales{at_this_rate}."
