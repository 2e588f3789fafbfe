"""`store-agent day show|close`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from store_agent.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath
from store_agent.cli.person import By, Reason, named
from store_agent.domain.lifecycle import State
from store_agent.domain.summary import count

if TYPE_CHECKING:
    from store_agent.cli.local import LocalAgent

app = typer.Typer(help="The books of the business day, and closing it.", no_args_is_help=True)

_MEANING = {
    "carried": "carried over from before",
    "accepted": "taken",
    State.DELIVERED: "at the platform",
    State.SUPERSEDED: "replaced by a newer state of the same sale",
    State.DISCARDED: "discarded",
    State.PARKED: "refused by the platform, to be looked at",
    State.HELD: "held back",
    State.FROZEN: "being sent",
    State.WAITING: "wait to be sent",
}
"""In the order of the table: what came in, then where it is."""


@app.command("show")
def show_(config: ConfigPath = DEFAULT_CONFIG, *, as_json: AsJson = False) -> None:
    """Show the books of the open day and what keeps it open."""
    from store_agent.cli import local, show
    from store_agent.config.load import load

    day: dict[str, Any] = local.call(load(config), "GET", "/v1/day")
    if as_json:
        show.print_json(day)
        return
    since = show.local_time(day["since"])
    typer.echo(f"Day {day['number']}, open since {since or 'the first sale'}.\n")
    _print_books(day)
    _print_open(day)
    for closed in day["closed"][:1]:
        reason = f": {show.plain(closed['reason'])}" if closed["reason"] else "."
        when, who = show.local_time(closed["closed_at"]), show.plain(closed["closed_by"])
        typer.echo(f"\nDay {closed['number']} was closed at {when} by {who}{reason}")


@app.command("close")
def close(
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    wait: Annotated[
        int | None, typer.Option(min=0, metavar="SECONDS", help="First wait so long for sales to be sent.")
    ] = None,
    reason: Reason = "",
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Close the business day; with --reason also while sales are unfinished, which the next day then takes over."""
    from store_agent.cli import local, show
    from store_agent.config.load import load

    asked = {"by": named(by), "reason": reason}
    with local.LocalAgent(load(config)) as agent:
        if wait is not None:
            _wait(agent, wait, reason)
        closed: dict[str, Any] = agent.call("POST", "/v1/day/close", asked)
    if as_json:
        show.print_json(closed)
        return
    typer.echo(f"Day {closed['closed']} is closed.\n")
    _print_books(closed)
    if closed["unfinished"]["sales"]:
        left = count(closed["unfinished"]["sales"], "unfinished sale is", "unfinished sales are")
        typer.echo(f"\n{left} carried into the next day; nothing is lost.")


def _wait(agent: "LocalAgent", seconds: int, reason: str) -> None:
    """Wait for sales to be sent. Raises TemporaryFailure when some are left and there is no reason to close anyway."""
    from rich.console import Console

    from store_agent.cli.sending import wait_until_sent
    from store_agent.domain.summary import count, duration
    from store_agent.errors import TemporaryFailure

    def still_to_send() -> int:
        outbox = agent.call("GET", "/v1/status")["outbox"]
        return int(outbox["waiting"] + outbox["frozen"])

    left = wait_until_sent(still_to_send, seconds, Console(stderr=True))
    if left and not reason:
        raise TemporaryFailure(
            f"After {duration(seconds)} {count(left, 'sale still waits', 'sales still wait')} to be sent; the day is "
            "not closed. Sales are safe on this machine and go on being sent. Wait longer with --wait SECONDS, or "
            "close with --reason TEXT: they are then carried into the next day."
        )


def _print_books(books: dict[str, Any]) -> None:
    from store_agent.cli import show

    rows = [
        (meaning, f"{books[name]['sales']:,}", show.money(books[name]["amount"])) for name, meaning in _MEANING.items()
    ]
    show.print_table(("BOOKS", "SALES", "AMOUNT"), rows, right=("SALES", "AMOUNT"))
    if not books["balanced"]:
        typer.echo("The books do not balance. Please tell whoever looks after the agent.")


def _print_open(day: dict[str, Any]) -> None:
    from store_agent.cli.outbox import print_sales

    rows, sales = day["keeps_open"], day["unfinished"]["sales"]
    if not rows:
        typer.echo("\nNothing keeps the day open.")
        return
    typer.echo("\nThese keep the day open:")
    print_sales(rows)
    if sales > len(rows):
        typer.echo(f"And {sales - len(rows):,} more; see: store-agent outbox list")
