"""`store-agent incidents list|acknowledge`."""

from typing import Annotated, Any

import typer

from store_agent.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath
from store_agent.cli.person import By, named

app = typer.Typer(help="Damage of the database that was found and mended.", no_args_is_help=True)


@app.command("list")
def list_(config: ConfigPath = DEFAULT_CONFIG, *, as_json: AsJson = False) -> None:
    """List what nobody has acknowledged yet, and what is to be done about it."""
    from store_agent.cli import local, show
    from store_agent.config.load import load

    found: dict[str, Any] = local.call(load(config), "GET", "/v1/incidents")
    if as_json:
        show.print_json(found)
        return
    for incident in found["incidents"]:
        typer.echo(f"Incident {incident['number']}, {show.local_time(incident['at'])}: {show.plain(incident['words'])}")
    if not found["incidents"]:
        typer.echo("There are no open incidents.")


@app.command("acknowledge")
def acknowledge(
    number: int,
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="What came of it; needed.")],
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Note that you have taken notice; it is not shown any more."""
    from store_agent.cli import local, show
    from store_agent.config.load import load

    asked = {"by": named(by), "reason": reason}
    done = local.call(load(config), "POST", f"/v1/incidents/{number}/acknowledge", asked)
    if as_json:
        show.print_json(done)
    else:
        typer.echo(f"Incident {number} is acknowledged.")
