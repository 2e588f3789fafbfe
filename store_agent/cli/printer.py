"""`store-agent printer list|jobs|give-up|test`."""

from typing import Annotated, Any
from urllib.parse import quote, urlencode

import typer

from store_agent.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath
from store_agent.cli.person import By, named

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


@app.command("jobs")
def jobs(config: ConfigPath = DEFAULT_CONFIG, *, as_json: AsJson = False) -> None:
    """List what waits for printers."""
    from store_agent.cli import local, show
    from store_agent.config.load import load

    found: dict[str, Any] = local.call(load(config), "GET", "/v1/prints")
    if as_json:
        show.print_json(found)
        return
    if not found["prints"]:
        typer.echo("Nothing waits for a printer.")
        return
    rows = [
        (one["job"], one["printer"], show.local_time(one["created_at"]), one["attempts"], one["about"], one["error"])
        for one in found["prints"]
    ]
    show.print_table(("JOB", "PRINTER", "SINCE", "TRIES", "WHAT", "TROUBLE"), rows, right={"JOB", "TRIES"})


@app.command("give-up")
def give_up(
    job: Annotated[int, typer.Argument(metavar="JOB", help="Its number, as jobs lists it.")],
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Give up something that waits for a printer: it is not printed any more."""
    from store_agent.cli import local, show
    from store_agent.config.load import load

    path = f"/v1/prints/{job}?{urlencode({'by': named(by)})}"
    done: dict[str, Any] = local.call(load(config), "DELETE", path)
    show.print_words(done, as_json=as_json)


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
    show.print_words(done, as_json=as_json)
