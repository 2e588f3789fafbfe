"""`store-agent terminal add|list|rotate|revoke`: works whether or not the agent runs."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from store_agent.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath
from store_agent.cli.person import By, Reason, named
from store_agent.domain.roles import Role

if TYPE_CHECKING:
    from store_agent.config.settings import Settings
    from store_agent.storage.terminals import Terminals

T = TypeVar("T")
Name = Annotated[str, typer.Argument(metavar="NAME", help="The terminal, for example lane-1.")]

_AS = {Role.CASHIER: "", Role.MANAGER: " and do what managers do"}

app = typer.Typer(help="Say which POS lanes may call the agent.", no_args_is_help=True)


@app.command("add")
def add(
    name: Name,
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    role: Annotated[Role, typer.Option(help="What it may do: sell and look, or also what managers do.")] = Role.CASHIER,
    by: By = None,
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Let a terminal in and print the token that its POS plugin needs; it is not shown again."""
    from store_agent.cli import show
    from store_agent.config.load import load

    added = let_in(load(config), name, named(by), reason, role)
    if as_json:
        show.print_json(added)
        return
    typer.echo(f"Terminal {name} may call the agent from now on{_AS[role]}. Its POS plugin logs in with")
    _show_token(name, added["token"])


@app.command("rotate")
def rotate(
    name: Name,
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    overlap: Annotated[
        str,
        typer.Option(metavar="TIME", help="For how long the token before stays good while the agent runs: 1h, 0s."),
    ] = "1h",
    by: By = None,
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Give a terminal another token and print it; the one before stays good for a while, so that no sale is lost."""
    from urllib.parse import quote

    from store_agent.cli import local, show
    from store_agent.cli.durations import parse_duration
    from store_agent.config.load import load

    settings, seconds = load(config), parse_duration(overlap)
    try:
        asked = {"overlap_seconds": seconds, "by": named(by), "reason": reason}
        rotated: dict[str, Any] = local.call(settings, "POST", f"/v1/terminals/{quote(name, safe='')}/rotate", asked)
    except local.NotRunning:
        token = _directly(settings, lambda terminals: terminals.rotate(name, seconds, named(by), reason))
        rotated = {"terminal": name, "token": token, "former_seconds": int(seconds)}
    if as_json:
        show.print_json(rotated)
        return
    until = f"for {overlap} more of the time that the agent runs" if seconds else "no more"
    typer.echo(f"Terminal {name} has a new token; the one before is good {until}. Its POS plugin logs in with")
    _show_token(name, rotated["token"])


@app.command("list")
def list_(config: ConfigPath = DEFAULT_CONFIG, *, as_json: AsJson = False) -> None:
    """List the terminals, and when each last called."""
    from store_agent.cli import show
    from store_agent.config.load import load
    from store_agent.domain.summary import duration

    found = known(load(config))
    if as_json:
        show.print_json(found)
        return
    rows = [
        (
            terminal["name"],
            terminal["role"],
            *(show.local_time(terminal[name]) for name in ("added_at", "revoked_at", "seen_at")),
            None if terminal["former_seconds"] is None else duration(terminal["former_seconds"]),
        )
        for terminal in found["terminals"]
    ]
    show.print_table(("TERMINAL", "ROLE", "ADDED", "REVOKED", "LAST SEEN", "OLD TOKEN GOOD FOR"), rows)


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


def let_in(settings: "Settings", name: str, by: str, reason: str = "", role: Role = Role.CASHIER) -> dict[str, Any]:
    """Let a terminal in, by the running agent or without one; gives `terminal`, `role` and `token`."""
    from store_agent.cli import local

    try:
        asked = {"name": name, "role": role.value, "by": by, "reason": reason}
        added: dict[str, Any] = local.call(settings, "POST", "/v1/terminals", asked)
    except local.NotRunning:
        token = _directly(settings, lambda terminals: terminals.add(name, by, reason, role))
        added = {"terminal": name, "role": role.value, "token": token}
    return added


def known(settings: "Settings") -> dict[str, Any]:
    """Give the `terminals` that ever were, by the running agent or without one."""
    from store_agent.cli import local

    try:
        found: dict[str, Any] = local.call(settings, "GET", "/v1/terminals")
    except local.NotRunning:
        from store_agent.api.terminals import show_terminal

        kept = _directly(settings, lambda terminals: terminals.all())
        found = {"terminals": [show_terminal(terminal) for terminal in kept]}
    return found


def _show_token(name: str, token: str) -> None:
    typer.echo(f"  user      {name}\n  password  {token}")
    typer.echo("Write the password down now; it is not shown again.")


def _directly(settings: "Settings", work: "Callable[[Terminals], Awaitable[T]]") -> T:
    """Work on the database itself; its lock keeps an agent from starting meanwhile."""
    from store_agent.agent.keys import storage_keys
    from store_agent.agent.store import make_terminals
    from store_agent.clock import SystemClock
    from store_agent.storage.database import open_database

    keys = storage_keys(settings, make=True)

    async def opened() -> T:
        clock = SystemClock()
        async with open_database(settings.storage.directory, clock, keys=keys) as database:
            return await work(make_terminals(database, clock))

    return asyncio.run(opened())
