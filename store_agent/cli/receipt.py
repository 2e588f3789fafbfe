"""`store-agent receipt show|find|print|reprint`."""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import typer

from store_agent.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath
from store_agent.cli.person import By, Reason, named
from store_agent.errors import ConfigurationError

Code = Annotated[str, typer.Argument(help="The receipt code, or the whole address of the QR code.")]
Printer = Annotated[
    str | None, typer.Option(metavar="NAME", help="Where to print. Default: the printer of all other terminals.")
]

app = typer.Typer(help="Receipts, and what became of their sales.", no_args_is_help=True)

_NONE = "No receipt fits. A sale whose guest was known prints none: store-agent outbox list --text ID finds it."
_MORE = "There may be more; ask for a whole code, a transaction, or a shorter time."


@app.command("show")
def show_(
    code: Code,
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    qr: Annotated[bool, typer.Option("--qr", help="Draw the QR code, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what became of the sale on a receipt."""
    from store_agent.cli import local, show
    from store_agent.config.load import load

    path = f"/v1/receipts?{urlencode({'scanned': code})}"
    found: dict[str, Any] = local.call(load(config), "GET", path)
    if as_json:
        show.print_json(found)
        return
    _print_receipts([found])
    if qr:
        _draw(found["url"])


@app.command("find")
def find(
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    code: Annotated[str | None, typer.Option(help="The receipt code, or the whole address of the QR code.")] = None,
    transaction: Annotated[str | None, typer.Option(help="The id of the sale.")] = None,
    last: Annotated[
        str | None, typer.Option(help="The last 4 to 12 letters or digits of the code or of the sale's id.")
    ] = None,
    amount: Annotated[str | None, typer.Option(help="The amount of the sale with tax, exactly.")] = None,
    around: Annotated[
        str | None, typer.Option(help="With --amount: when it was taken, such as 2026-03-01T14:02.")
    ] = None,
    within: Annotated[int | None, typer.Option(help="With --amount: so many minutes from then; 60.")] = None,
    as_json: AsJson = False,
) -> None:
    """Find receipts by a code, a sale, their last letters, or amount and time."""
    from store_agent.cli import local, show
    from store_agent.config.load import load

    asked = {
        "code": code,
        "transaction_id": transaction,
        "last": last,
        "amount": amount,
        "around": around,
        "within_minutes": within,
    }
    given = {name: value for name, value in asked.items() if value is not None}
    found: dict[str, Any] = local.call(load(config), "GET", f"/v1/receipts/find?{urlencode(given)}")
    if as_json:
        show.print_json(found)
        return
    _print_receipts(found["receipts"])
    if not found["receipts"]:
        typer.echo(_NONE)
    if not found["complete"]:
        typer.echo(_MORE)


@app.command("print")
def print_(
    code: Code, config: ConfigPath = DEFAULT_CONFIG, *, printer: Printer = None, as_json: AsJson = False
) -> None:
    """Print a receipt; it waits while the printer cannot."""
    _hand_over("print", code, {"printer": printer}, config, as_json=as_json)


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
    _hand_over("reprint", code, {"printer": printer, "by": named(by), "reason": reason}, config, as_json=as_json)


def _print_receipts(found: list[dict[str, Any]]) -> None:
    from store_agent.cli import outbox, show

    for receipt in found:
        typer.echo(f"{show.plain(receipt['code'])}: {show.plain(_about(receipt))}")
        typer.echo(show.plain(receipt["words"]) + "\n")
    sales = {receipt["sale"]["sequence"]: receipt["sale"] for receipt in found if receipt["sale"] is not None}
    if sales:
        outbox.print_sales(list(sales.values()))


def _about(receipt: dict[str, Any]) -> str:
    """Say what a code is printed for."""
    payment, name = receipt["payment_id"], receipt["transaction_id"]
    return f"the whole of sale {name}" if payment is None else f"payment {payment} of sale {name}"


def _draw(url: str | None) -> None:
    from store_agent.cli import show
    from store_agent.printing.qr import terminal_lines

    if url is None:
        raise ConfigurationError("There is no QR code without an address to open: set receipts.base_url.")
    typer.echo()
    for line in terminal_lines(url):
        typer.secho(line, fg="bright_white", bg="black")
    typer.echo(show.plain(url))


def _hand_over(action: str, code: str, asked: dict[str, Any], config: Path, *, as_json: bool) -> None:
    from store_agent.cli import local, show
    from store_agent.config.load import load

    path = f"/v1/receipts/{quote(code, safe='')}/{action}"
    done: dict[str, Any] = local.call(load(config), "POST", path, asked)
    show.print_words(done, as_json=as_json)
