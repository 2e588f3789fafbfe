"""`store-agent outbox list|show`."""

from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from store_agent.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath
from store_agent.domain.lifecycle import State

app = typer.Typer(help="Look at the queue of sales.", no_args_is_help=True)


@app.command("list")
def list_(
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    state: Annotated[State | None, typer.Option(help="Only sales in this state.")] = None,
    after: Annotated[int, typer.Option(min=0, help="Only sales with a higher sequence.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List sales in the order in which they were taken."""
    from store_agent.cli import local, show
    from store_agent.config.load import load

    asked = {"after": after, "limit": limit} | ({} if state is None else {"state": state.value})
    page: dict[str, Any] = local.call(load(config), "GET", f"/v1/outbox?{urlencode(asked)}")
    if as_json:
        show.print_json(page)
        return
    rows = [
        (
            row["sequence"],
            row["transaction_id"],
            row["terminal"],
            row["state"],
            row["amount"],
            show.local_time(row["accepted_at"]),
            row["attempts"],
            row["error"],
        )
        for row in page["revisions"]
    ]
    show.print_table(("SEQUENCE", "SALE", "TERMINAL", "STATE", "AMOUNT", "TAKEN", "TRIES", "REASON"), rows)
    if page["next_after"] is not None:
        typer.echo(f"There may be more: --after {page['next_after']}")


@app.command("show")
def show_(
    sequence: Annotated[int, typer.Argument(min=1, help="The sale's sequence, as listed.")],
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    as_json: AsJson = False,
) -> None:
    """Show everything kept of one sale, its own JSON included."""
    from store_agent.cli import local, show
    from store_agent.config.load import load

    found: dict[str, Any] = local.call(load(config), "GET", f"/v1/outbox/{sequence}")
    if as_json:
        show.print_json(found)
        return
    payload = found.pop("payload")
    for name in ("accepted_at", "settled_at"):
        found[name] = show.local_time(found[name])
    found["warnings"] = "; ".join(warning["message"] for warning in found["warnings"]) or None
    show.print_table(("FIELD", "VALUE"), list(found.items()))
    typer.echo("\n" + "\n".join(show.plain(line) for line in payload.splitlines()))
