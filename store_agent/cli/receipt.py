"""`store-agent receipt show`."""

from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from store_agent.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath
from store_agent.errors import ConfigurationError

app = typer.Typer(help="Receipts, and what became of their sales.", no_args_is_help=True)


@app.command("show")
def show_(
    code: Annotated[str, typer.Argument(help="The receipt code, or the whole address of the QR code.")],
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    qr: Annotated[bool, typer.Option("--qr", help="Draw the QR code, too.")] = False,
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
    if qr:
        _draw(found["url"])


def _draw(url: str | None) -> None:
    from store_agent.cli import show
    from store_agent.printing.qr import terminal_lines

    if url is None:
        raise ConfigurationError("There is no QR code without an address to open: set receipts.base_url.")
    typer.echo()
    for line in terminal_lines(url):
        typer.secho(line, fg="bright_white", bg="black")
    typer.echo(show.plain(url))
