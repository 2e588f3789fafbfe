"""`store-agent status`."""

from typing import TYPE_CHECKING, Any

import typer

from store_agent.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath
from store_agent.domain import money
from store_agent.domain.lifecycle import State
from store_agent.domain.summary import count, duration
from store_agent.errors import AgentError

if TYPE_CHECKING:
    from store_agent.config.settings import Settings


def status(config: ConfigPath = DEFAULT_CONFIG, *, as_json: AsJson = False) -> None:
    """Tell whether sales are safe, how many wait, since when, and what to do."""
    from store_agent.cli import local, show
    from store_agent.config.load import load

    settings = load(config)
    try:
        found: dict[str, Any] = local.call(settings, "GET", "/v1/status")
    except local.NotRunning as failure:
        raise local.NotRunning(f"{failure}{_waiting(settings)}") from None
    if as_json:
        show.print_json(found)
        return
    for sentence in found["words"]:
        typer.echo(show.plain(sentence))
    outbox = found["outbox"]
    if outbox is None:
        return  # the database is not open yet; the words say why
    counts = ", ".join(f"{outbox[state]:,} {state}" for state in State if outbox[state])
    typer.echo(f"{outbox['accepted']:,} taken in all{': ' + counts if counts else ''}.")
    if found["space"]["sales_left"] is not None:
        typer.echo(_room(found["space"]))
    if not outbox["balanced"]:
        typer.echo("The books do not balance. Please tell whoever looks after the agent.")


def _waiting(settings: "Settings") -> str:
    """Say what waits on the disk while no agent runs, as far as that can be read."""
    from store_agent.agent.keys import storage_keys
    from store_agent.storage.peek import peek

    try:
        books = peek(settings.storage.directory, storage_keys(settings))
    except AgentError:  # no key for this user; the words about the agent are what was asked for
        return ""
    if books is None:
        return ""
    tallies = [books.by_state[state] for state in (State.WAITING, State.FROZEN)]
    number, amount = sum(tally.revisions for tally in tallies), sum(tally.amount for tally in tallies)
    if not number:
        return " No sale waits on this machine."
    waits = count(number, "sale waits", "sales wait")
    return f" {waits} on this machine ({money.from_units(amount):,}), safe, to be sent once it runs."


def _room(space: dict[str, Any]) -> str:
    lasts = space["seconds_left"]
    at_this_rate = "" if lasts is None else f", {duration(lasts)} at the present rate"
    return f"There is room on the disk for about {space['sales_left']:,} more sales{at_this_rate}."
