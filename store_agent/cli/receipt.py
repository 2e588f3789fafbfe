"""`store-agent receipt show|print|reprint`."""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import typer

from store_agent.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath
from store_agent.cli.person import By, Reason, named

Code = Annotated[str, typer.Argument(help="The receipt code, or the whole address of the QR code.")]
Printer = Annotated[
    str | None, typer.Option(metavar="NAME", help="Where to print. Default: the printer of all other terminals.")
]

app = typer.Typer(help="Receipts, and what became of their sales.", no_args_is_help=True)


@app.command("show")
def show_(
    code: Code,
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


@app.command("print")
def print_(
    code: Code, config: ConfigPath = DEFAULT_CONFIG, *, printer: Printer = None, as_json: AsJson = False
) -> None:
    """Print a receipt; it waits while the printer cannot."""
    _print("print", code, {"printer": printer}, config, as_json=as_json)


@app.command("reprint")
def reprint(
    code: Code,
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    printer: Printer = None,
    by: By = None,
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Print a receipt once more, marked REPRINT; it is audited."""
    _print("reprint", code, {"printer": printer, "by": named(by), "reason": reason}, config, as_json=as_json)


def _print(action: str, code: str, asked: dict[str, Any], config: Path, *, as_json: bool) -> None:
    from store_agent.cli import local, show
    from store_agent.config.load import load

    path = f"/v1/receipts/{quote(code, safe='')}/{action}"
    done: dict[str, Any] = local.call(load(config), "POST", path, asked)
    if as_json:
        show.print_json(done)
    else:
        typer.echo(show.plain(done["words"]))
