"""`store-agent audit` and `store-agent audit verify`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from store_agent.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath

if TYPE_CHECKING:
    from store_agent.domain.chain import Link
    from store_agent.storage.audit import Verdict


app = typer.Typer(help="What people and the program did, and why.", invoke_without_command=True)

BROKEN = 65
"""The exit code for a record that is not whole (EX_DATAERR of sysexits.h)."""


@app.callback()
def audit(
    context: typer.Context,
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List what people and the program did, and why, newest first."""
    from store_agent.cli import local, pages, show
    from store_agent.config.load import load

    if context.invoked_subcommand is not None:
        return
    with local.LocalAgent(load(config)) as agent:
        entries = list(pages.audit_entries(agent, limit))
    if as_json:
        show.print_json({"entries": entries})
    else:
        print_entries(entries)


@app.command("verify")
def verify(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="A backup to look into; default: the store's database.")
    ] = None,
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    noted: Annotated[
        str, typer.Option(metavar='"NUMBER HASH"', help="An entry as an earlier verify named it, noted elsewhere.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Tell whether entries were changed, deleted or put in past the program; the exit code is 65 if so."""
    from store_agent.agent.keys import storage_keys
    from store_agent.cli import show
    from store_agent.config.load import load
    from store_agent.storage.database import FILE_NAME
    from store_agent.storage.peek import verify_audit

    settings = load(config)
    path = file or settings.storage.directory / FILE_NAME
    verdict = verify_audit(path, _read_noted(noted), storage_keys(settings))
    if as_json:
        show.print_json(_as_json(verdict))
    else:
        typer.echo("\n".join(_words(verdict)))
    if verdict.faults:
        raise typer.Exit(BROKEN)


def _read_noted(text: str) -> "Link | None":
    from store_agent.domain.chain import read_link

    try:
        return read_link(text) if text else None
    except ValueError:
        raise typer.BadParameter('--noted wants the number and the hash of an entry: "17 a1b2..."') from None


def _as_json(verdict: "Verdict") -> dict[str, Any]:
    return {
        "whole": not verdict.faults,
        "entries": verdict.entries,
        "first": verdict.anchor.number + 1 if verdict.entries else None,
        "last": verdict.newest.number if verdict.entries else None,
        "newest": str(verdict.newest),
        "faults": verdict.faults,
    }


def _words(verdict: "Verdict") -> list[str]:
    first, last = verdict.anchor.number + 1, verdict.newest.number
    if not verdict.entries:
        head = "The audit has no entries."
    elif verdict.faults:
        head = f"The audit is NOT whole from entry {first} to {last}; sales are not affected:"
    else:
        head = f"The audit is whole from entry {first} to {last}."
    note = f"Newest entry: {verdict.newest}" if verdict.entries else ""
    why = "Note it elsewhere: verify --noted proves later that nothing up to it was written anew." if note else ""
    return [line for line in (head, *(f"  {fault}" for fault in verdict.faults), note, why) if line]


def print_entries(entries: Sequence[dict[str, Any]]) -> None:
    """Print entries as the local API gives them."""
    from store_agent.cli import show

    rows = [
        (show.local_time(entry["at"]), entry["who"], entry["action"], entry["sequence"], entry["reason"] or None)
        for entry in entries
    ]
    show.print_table(("WHEN", "WHO", "WHAT", "SEQUENCE", "REASON"), rows)
