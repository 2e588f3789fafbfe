"""`store-agent restore`: with the agent stopped."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from store_agent.cli.options import DEFAULT_CONFIG, ConfigPath
from store_agent.cli.person import By, named

if TYPE_CHECKING:
    from store_agent.storage.restore import Restored


def restore(
    backup: Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")],
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    by: By = None,
) -> None:
    """Put a backup in place of the present database; nothing delivered since is sent again, nothing is deleted."""
    from store_agent.agent.keys import storage_keys
    from store_agent.cli import show
    from store_agent.clock import SystemClock
    from store_agent.config.load import load
    from store_agent.storage.merge import Restoring
    from store_agent.storage.restore import prepared

    settings, clock = load(config), SystemClock()
    made = show.local_time(backup.stat().st_mtime) if backup.exists() else "unknown"
    held = (
        f"This sale waited when the backup {backup.name} was made ({made}); it may have been delivered since. Look it "
        "up at the platform: release it if it is not there, else leave it held."
    )
    restoring = Restoring(named(by), int(clock.wall() * 1000), backup.name, held)
    with prepared(
        settings.storage.directory, backup.absolute(), restoring, clock, storage_keys(settings, make=True)
    ) as ready:
        for line in _say(ready, show.plain(backup.name)):
            typer.echo(line)
        if not yes and not typer.confirm("Put it in place of the present database?"):
            typer.echo("The backup was not restored.")
            raise typer.Exit(1)
        aside = ready.put_in_place()
    typer.echo("Restored. Start the agent again: systemctl start store-agent")
    if aside is not None:
        typer.echo(f"The database used until now lies in {aside}; delete it when it is not needed any more.")


def _say(ready: "Restored", name: str) -> list[str]:
    """Say what the restored database will hold, and what nobody can know."""
    from store_agent.domain.summary import count

    merged = ready.merged
    lines = [f"{name} is sound. It holds {count(ready.backup.accepted, 'sale', 'sales')} taken until it was made."]
    if ready.mended:
        lines.append(f"{ready.mended} What was saved is the present database now.")
    if ready.present and not ready.unreadable:
        lines.append(
            f"The present database can be read: {count(merged.carried, 'sale', 'sales')} of it that the backup lacks "
            "and everything delivered, refused or discarded since are carried over. Nothing of that is sent again."
        )
    else:
        why = (
            f"The present database cannot be used. {ready.unreadable}"
            if ready.present
            else "There is no present database."
        )
        lines.append(
            f"{why} So nobody can know here which sales were made after the backup: they are missing unless the tills "
            "send them again, which is safe at any time."
        )
    if merged.held:
        lines.append(
            f"{count(merged.held, 'sale', 'sales')} waited when the backup was made and may have been delivered since. "
            "They are held, not sent: look them up at the platform (store-agent outbox list --state held), and release "
            "those that are not there."
        )
    if merged.frozen:
        lines.append(
            f"{count(merged.frozen, 'sale was', 'sales were')} being sent when the backup was made. The same requests "
            "go out once more, to the letter; the platform counts them once."
        )
    return lines
