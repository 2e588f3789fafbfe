"""`store-agent outbox list|show` (`repair` has what changes the queue)."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import typer

from store_agent.cli import filters
from store_agent.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath
from store_agent.domain.lifecycle import Listed

app = typer.Typer(help="Look at the queue of sales, and repair it.", no_args_is_help=True)


@app.command("list")
def list_(
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    state: Annotated[Listed | None, typer.Option(help="Only sales in this state; open: those on the way.")] = None,
    terminal: filters.Terminal = None,
    text: filters.Text = None,
    older_than: filters.OlderThan = None,
    younger_than: filters.YoungerThan = None,
    amount_min: filters.AmountMin = None,
    amount_max: filters.AmountMax = None,
    cause: filters.Cause = None,
    after: Annotated[int, typer.Option(min=0, help="Only sales with a higher sequence.")] = 0,
    newest: Annotated[bool, typer.Option("--newest", help="The newest first.")] = False,
    before: Annotated[
        int | None, typer.Option(min=1, help="Only sales with a lower sequence, the newest first.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 50,
    everything: Annotated[
        bool, typer.Option("--all", help="All of them, whatever --limit says; with --json one sale a line.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List sales in the order in which they were taken, or the other way round."""
    from store_agent.cli import local, pages
    from store_agent.config.load import load

    asked = filters.asked(
        terminal=terminal,
        text=text,
        older_than=older_than,
        younger_than=younger_than,
        amount_min=amount_min,
        amount_max=amount_max,
        cause=cause,
    )
    way = _way(after, before, newest=newest)
    if state is not None:
        asked["state"] = state.value
    with local.LocalAgent(load(config)) as agent:
        found = pages.outbox_pages(agent, asked, way, None if everything else limit)
        (_print_all if everything else _print_some)(found, as_json=as_json)


@app.command("show")
def show_(
    sequence: Annotated[int, typer.Argument(min=1, help="The sale's sequence, as listed.")],
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    as_json: AsJson = False,
) -> None:
    """Show everything kept of one sale, its own JSON, its tries and what people did to it included."""
    from store_agent.cli import audit, local, show
    from store_agent.config.load import load

    found: dict[str, Any] = local.call(load(config), "GET", f"/v1/outbox/{sequence}")
    if as_json:
        show.print_json(found)
        return
    payload, tries, history = (found.pop(name) for name in ("payload", "tries", "history"))
    for name in ("accepted_at", "settled_at"):
        found[name] = show.local_time(found[name])
    found["warnings"] = "; ".join(warning["message"] for warning in found["warnings"]) or None
    found["fields"] = ", ".join(found["fields"]) or None
    found["receipts"] = ", ".join(receipt["code"] for receipt in found["receipts"]) or None
    show.print_table(("FIELD", "VALUE"), list(found.items()))
    if tries:
        typer.echo("\nTries that did not deliver it:")
        for one in tries:
            typer.echo("  " + show.plain(_tried(one)))
    if history:
        typer.echo("\nDone by people:")
        audit.print_entries(history)
    text = "The text was dropped when the disk was full." if payload is None else payload
    typer.echo("\n" + "\n".join(show.plain(line) for line in text.splitlines()))


def _tried(one: dict[str, Any]) -> str:
    """Say what tries in a row came to."""
    from store_agent.cli import show

    first, last = show.local_time(one["first_at"]), show.local_time(one["last_at"])
    when = f"{first}:" if one["times"] == 1 else f"{first} to {last}, {one['times']:,} times:"
    said = "" if one["said"] is None else f" The platform said: {one['said']}"
    return f"{when} {one['words']}{said}"


def print_sales(rows: Sequence[dict[str, Any]]) -> None:
    """Print sales as the local API gives them."""
    from store_agent.cli import show

    shown = [
        (
            row["sequence"],
            _name(row),
            row["terminal"],
            row["state"],
            row["amount"],
            show.local_time(row["accepted_at"]),
            row["attempts"],
            row["error"],
        )
        for row in rows
    ]
    show.print_table(("SEQUENCE", "SALE", "TERMINAL", "STATE", "AMOUNT", "TAKEN", "TRIES", "REASON"), shown)


def _way(after: int, before: int | None, *, newest: bool) -> tuple[str, int]:
    """Return where the list begins: after or before a sequence. Raises typer.BadParameter unless it is one of them."""
    from store_agent.cli import pages

    if not newest and before is None:
        return "after", after
    if after:
        raise typer.BadParameter("--after goes from old to new; give --before N with --newest.")
    return "before", before or pages.SEQUENCE_MAX


def _name(row: dict[str, Any]) -> str:
    """Name a sale, or a call and the sale that it belongs to."""
    sale: str | None = row["transaction_id"]
    if row["call"] is None:
        return sale or ""
    return f"({row['call']} of {sale})" if sale else f"({row['call']})"


def _print_some(pages: Iterable[dict[str, Any]], *, as_json: bool) -> None:
    from store_agent.cli import show

    rows: list[dict[str, Any]] = []
    following: dict[str, int | None] = {"next_after": None, "next_before": None}
    for page in pages:
        rows += page["revisions"]
        following = {name: page[name] for name in following}
    if as_json:
        show.print_json({"revisions": rows, **following})
        return
    print_sales(rows)
    for name, sequence in following.items():
        if sequence is not None:
            typer.echo(f"There may be more: --{name.removeprefix('next_')} {sequence}")


def _print_all(pages: Iterable[dict[str, Any]], *, as_json: bool) -> None:
    """Print page after page as they come, so that a million rows need no memory."""
    import json

    for page in pages:
        if as_json:
            for row in page["revisions"]:
                typer.echo(json.dumps(row))
        elif page["revisions"]:
            print_sales(page["revisions"])
