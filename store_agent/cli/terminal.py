"""`store-agent terminal add|list|revoke`: works whether or not the agent runs."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from store_agent.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath
from store_agent.cli.person import By, Reason, named

if TYPE_CHECKING:
    from store_agent.config.settings import Settings
    from store_agent.storage.terminals import Terminals

T = TypeVar("T")
Name = Annotated[str, typer.Argument(metavar="NAME", help="The terminal, for example lane-1.")]

app = typer.Typer(help="Say which POS lanes may call the agent.", no_args_is_help=True)


@app.command("add")
def add(
    name: Name, config: ConfigPath = DEFAULT_CONFIG, *, by: By = None, reason: Reason = "", as_json: AsJson = False
) -> None:
    """Let a terminal in and print the token that its POS plugin needs; it is not shown again."""
    from store_agent.cli import local, show
    from store_agent.config.load import load

    settings = load(config)
    try:
        asked = {"name": name, "by": named(by), "reason": reason}
        added: dict[str, Any] = local.call(settings, "POST", "/v1/terminals", asked)
    except local.NotRunning:
        token = _directly(settings, lambda terminals: terminals.add(name, named(by), reason))
        added = {"terminal": name, "token": token}
    if as_json:
        show.print_json(added)
        return
    typer.echo(f"Terminal {name} may call the agent from now on. Its POS plugin logs in with")
    typer.echo(f"  user      {name}\n  password  {added['token']}")
    typer.echo("Write the password down now; it is not shown again.")


@app.command("list")
def list_(config: ConfigPath = DEFAULT_CONFIG, *, as_json: AsJson = False) -> None:
    """List the terminals, and when each last called."""
    from store_agent.cli import local, show
    from store_agent.config.load import load

    settings = load(config)
    try:
        found: dict[str, Any] = local.call(settings, "GET", "/v1/terminals")
    except local.NotRunning:
        from store_agent.api.terminals import show_terminal

        kept = _directly(settings, lambda terminals: terminals.all())
        found = {"terminals": [show_terminal(terminal) for terminal in kept]}
    if as_json:
        show.print_json(found)
        return
    rows = [
        (terminal["name"], *(show.local_time(terminal[name]) for name in ("added_at", "revoked_at", "seen_at")))
        for terminal in found["terminals"]
    ]
    show.print_table(("TERMINAL", "ADDED", "REVOKED", "LAST SEEN"), rows)


@app.command("revoke")
def revoke(
    name: Name, config: ConfigPath = DEFAULT_CONFIG, *, by: By = None, reason: Reason = "", as_json: AsJson = False
) -> None:
    """Shut a terminal out at once."""
    from urllib.parse import quote, urlencode

    from store_agent.cli import local, show
    from store_agent.config.load import load

    settings = load(config)
    try:
        asked = urlencode({"by": named(by), "reason": reason})
        local.call(settings, "DELETE", f"/v1/terminals/{quote(name, safe='')}?{asked}")
    except local.NotRunning:
        _directly(settings, lambda terminals: terminals.revoke(name, named(by), reason))
    if as_json:
        show.print_json({"terminal": name})
    else:
        typer.echo(f"Terminal {name} may not call the agent any more.")


def _directly(settings: "Settings", work: "Callable[[Terminals], Awaitable[T]]") -> T:
    """Work on the database itself; its lock keeps an agent from starting meanwhile."""
    from store_agent.agent.keys import storage_keys
    from store_agent.agent.wiring import make_terminals
    from store_agent.clock import SystemClock
    from store_agent.storage.database import open_database

    keys = storage_keys(settings, make=True)

    async def opened() -> T:
        clock = SystemClock()
        async with open_database(settings.storage.directory, clock, keys=keys) as database:
            return await work(make_terminals(database, clock))

    return asyncio.run(opened())
