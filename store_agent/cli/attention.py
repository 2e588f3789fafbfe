"""`store-agent outbox attention`: what the platform refused, grouped by cause, and what to do about it."""

from typing import Any

import typer

from store_agent.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath


def attention(config: ConfigPath = DEFAULT_CONFIG, *, as_json: AsJson = False) -> None:
    """Show what the platform refused, grouped by cause, and what to do about it."""
    from store_agent.cli import local, show
    from store_agent.config.load import load

    found: dict[str, Any] = local.call(load(config), "GET", "/v1/attention")
    if as_json:
        show.print_json(found)
        return
    for group in found["groups"]:
        _print_group(group)
    if not found["groups"]:
        typer.echo("Nothing waits for you.")
    elif not found["complete"]:
        typer.echo("There is more; mend some of these, then look again.")


def _print_group(group: dict[str, Any]) -> None:
    from store_agent.cli import show

    typer.echo(f"{_size(group)}: {show.plain(group['cause'])}")
    typer.echo(f"  {show.plain(group['what_to_do'])}")
    if group["overtaken"]:
        newer = "a newer state is on its way or delivered: retry ends them, and nothing is lost by discarding them"
        typer.echo(f"  Of {group['overtaken']:,} of them {newer}.")
    shown = " ".join(str(sequence) for sequence in group["sequences"])
    more = " ..." if len(group["sequences"]) < group["sales"] + group["calls"] else ""
    typer.echo(
        f"  Taken {show.local_time(group['oldest_at'])} to {show.local_time(group['newest_at'])}: {shown}{more}\n"
    )


def _size(group: dict[str, Any]) -> str:
    from store_agent.cli import show
    from store_agent.domain.summary import count

    parts = [
        f"{count(group['sales'], 'sale', 'sales')} ({show.money(group['amount'])})" if group["sales"] else "",
        count(group["calls"], "call", "calls") if group["calls"] else "",
    ]
    return " and ".join(filter(None, parts))
