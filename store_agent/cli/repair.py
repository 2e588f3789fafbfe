"""`store-agent outbox retry|hold|release|discard|drain`: what a manager does to the queue; all of it is audited."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from store_agent.cli import filters
from store_agent.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath
from store_agent.cli.person import By, Reason, named

Chosen = Annotated[list[int] | None, typer.Argument(min=1, metavar="SEQUENCE", help="The sales, as listed.")]
Everything = Annotated[
    bool, typer.Option("--all", help="All sales in the state for this that match the filters, instead of sequences.")
]

PARTLY_DONE = 65
"""Exit code when some of the named sales were not in the state for it: EX_DATAERR of sysexits.h."""

_DONE = {
    "retry": ("sale goes out again.", "sales go out again."),
    "hold": ("sale is held back until it is released.", "sales are held back until they are released."),
    "release": ("sale goes out again.", "sales go out again."),
    "discard": ("sale was discarded.", "sales were discarded."),
}


_HELP = {
    "retry": "Send sales again that the platform refused, once what it refused is mended.",
    "hold": "Keep waiting sales back; they are safe on this machine, and go out when they are released.",
    "release": "Let sales go that are held back.",
}


def add_commands(app: typer.Typer) -> None:
    """Add the commands that change the queue."""
    for action, text in _HELP.items():
        app.command(action, help=text)(_choosing(action))
    app.command("discard")(discard)
    app.command("drain")(drain)


def _choosing(action: str) -> Callable[..., None]:
    """Make the command of an action that takes sequences, or everything that matches filters."""

    def command(
        sequences: Chosen = None,
        config: ConfigPath = DEFAULT_CONFIG,
        *,
        everything: Everything = False,
        terminal: filters.Terminal = None,
        text: filters.Text = None,
        older_than: filters.OlderThan = None,
        younger_than: filters.YoungerThan = None,
        amount_min: filters.AmountMin = None,
        amount_max: filters.AmountMax = None,
        cause: filters.Cause = None,
        by: By = None,
        reason: Reason = "",
        as_json: AsJson = False,
    ) -> None:
        which = filters.asked(
            terminal=terminal,
            text=text,
            older_than=older_than,
            younger_than=younger_than,
            amount_min=amount_min,
            amount_max=amount_max,
            cause=cause,
        )
        _repair(action, config, _chosen(sequences, which, everything=everything), by, reason, as_json=as_json)

    return command


def discard(
    sequences: Annotated[list[int], typer.Argument(min=1, metavar="SEQUENCE", help="The sales, as listed.")],
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why, for the audit.")],
    by: By = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether this is meant.")] = False,
    as_json: AsJson = False,
) -> None:
    """Give up sales that the platform refused: they never reach it, and guests get nothing for them."""
    from store_agent.domain.summary import count

    if not yes and sys.stdin.isatty():
        meant = f"Discard {count(len(sequences), 'sale', 'sales')}, so that the platform never gets them?"
        typer.confirm(meant, abort=True, err=True)
    _repair("discard", config, {"sequences": sequences}, by, reason, as_json=as_json)


def drain(config: ConfigPath = DEFAULT_CONFIG, *, by: By = None, reason: Reason = "", as_json: AsJson = False) -> None:
    """Try to send now, whatever the line was: for when something is mended."""
    from store_agent.cli import local, show
    from store_agent.config.load import load

    asked = {"by": named(by), "reason": reason}
    done: dict[str, Any] = local.call(load(config), "POST", "/v1/outbox/drain", asked)
    show.print_words(done, as_json=as_json)


def _chosen(sequences: list[int] | None, which: dict[str, Any], *, everything: bool) -> dict[str, Any]:
    """Return the choice as the local API takes it. Raises typer.BadParameter unless it is clear."""
    if everything and not sequences:
        return {"all": which}
    if everything or not sequences:
        raise typer.BadParameter("name the sales by their sequences, or give --all; see: store-agent outbox list")
    if which:
        raise typer.BadParameter("filters go with --all, not with sequences.")
    return {"sequences": sequences}


def _repair(action: str, config: Path, chosen: dict[str, Any], by: str | None, reason: str, *, as_json: bool) -> None:
    from store_agent.cli import local, show
    from store_agent.config.load import load

    asked = {"by": named(by), "reason": reason, **chosen}
    done: dict[str, Any] = local.call(load(config), "POST", f"/v1/outbox/{action}", asked, local.PATIENT)
    if as_json:
        show.print_json(done)
    else:
        _tell(action, done)
    if done["not_done"] and "sequences" in chosen:
        raise typer.Exit(PARTLY_DONE)


def _tell(action: str, done: dict[str, Any]) -> None:
    from store_agent.cli import show
    from store_agent.domain.summary import count

    typer.echo(count(done["done"], *_DONE[action]))
    results = done["results"]
    overtaken = sum(result["state"] == "superseded" and not result["problem"] for result in results)
    if overtaken:
        typer.echo(f"Of these, {overtaken:,} need not go: a newer state of the same sale took the place.")
    problems = [(result["sequence"], result["state"], result["problem"]) for result in results if result["problem"]]
    if done["not_done"]:
        typer.echo(f"\n{count(done['not_done'], 'sale is', 'sales are')} as before:")
        show.print_table(("SEQUENCE", "STATE", "REASON"), problems)
