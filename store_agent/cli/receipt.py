"""`store-agent receipt show`."""

from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from store_agent.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath

app = typer.Typer(help="Receipts, and what became of their sales.", no_args_is_help=True)


@app.command("show")
def show_(
    code: Annotated[str, typer.Argument(help="The receipt code, or the whole address of the QR code.")],
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    as_json: AsJson = False,
) -> None:
    """Show what became of the sale on a receipt."""
    from store_agent.cli import local, outbox, show
    from store_agent.config.load import load

    path = f"/v1/receipts?{urlencode({'scanned': code})}"
    found: dict[str, Any] = local.call(load(config), "GET", path)
    if as_json:
        show.print_json(found)
        return
    typer.echo(show.plain(found["words"]) + "\n")
    if found["sale"] is not None:
        outbox.print_sales([found["sale"]])
