"""`store-agent backup`: works whether or not the agent runs."""

from pathlib import Path
from typing import Annotated

import typer

from store_agent.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath


def backup(
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to; default: the next one among the scheduled backups.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a copy of the database, complete and checked, while sales go on."""
    import threading

    from store_agent.agent.store import make_backups
    from store_agent.cli import show
    from store_agent.clock import SystemClock
    from store_agent.config.load import load

    backups = make_backups(load(config))
    stop = threading.Event()
    made = backups.make(SystemClock().wall(), stop) if to is None else backups.make_at(to.absolute(), stop)
    if as_json:
        holds = {"newest": made.holds.newest, "accepted": made.holds.accepted}
        show.print_json({"path": str(made.path), "bytes": made.size, **holds})
        return
    size = f"{made.size / 1_000_000:,.1f} MB"
    typer.echo(f"{made.path} was written and checked ({size}). It holds everything up to sale {made.holds.newest:,}.")
