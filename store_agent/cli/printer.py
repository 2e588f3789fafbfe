"""`store-agent printer list|test`."""

from typing import Annotated, Any
from urllib.parse import quote

import typer

from store_agent.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath

app = typer.Typer(help="The receipt printers, and what waits for them.", no_args_is_help=True)


@app.command("list")
def list_(config: ConfigPath = DEFAULT_CONFIG, *, as_json: AsJson = False) -> None:
    """List the printers: where they are, what waits for them, when they last printed, and what is wrong."""
    from store_agent.cli import local, show
    from store_agent.config.load import load

    found: dict[str, Any] = local.call(load(config), "GET", "/v1/printers")
    if as_json:
        show.print_json(found)
        return
    if not found["printers"]:
        typer.echo("The configuration names no printers.")
        return
    rows = [
        (
            one["name"],
            one["kind"],
            one["where"],
            one["waiting"],
            show.local_time(one["last_printed_at"]),
            one["trouble"],
        )
        for one in found["printers"]
    ]
    show.print_table(("PRINTER", "KIND", "WHERE", "WAITING", "LAST PRINTED", "TROUBLE"), rows, right={"WAITING"})


@app.command("test")
def try_(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The printer, as the configuration names it.")],
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    as_json: AsJson = False,
) -> None:
    """Print a test page."""
    from store_agent.cli import local, show
    from store_agent.config.load import load

    done: dict[str, Any] = local.call(load(config), "POST", f"/v1/printers/{quote(name, safe='')}/test")
    if as_json:
        show.print_json(done)
    else:
        typer.echo(show.plain(done["words"]))
