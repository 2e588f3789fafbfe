"""`store-agent key rotate`: with the agent stopped."""

import typer

from store_agent.cli.options import DEFAULT_CONFIG, ConfigPath
from store_agent.cli.person import By, named

app = typer.Typer(help="The key that sales are encrypted with on this machine.", no_args_is_help=True)


@app.callback()
def _key() -> None:
    pass


@app.command("rotate")
def rotate(config: ConfigPath = DEFAULT_CONFIG, *, by: By = None) -> None:
    """Make a new key and encrypt the sales with it. Former keys are kept for the backups that need them."""
    from store_agent.agent.keys import own_key_file
    from store_agent.agent.store import make_backups
    from store_agent.clock import SystemClock
    from store_agent.config.load import load
    from store_agent.domain.summary import count
    from store_agent.storage.rotation import rotate

    settings = load(config)
    key_file = own_key_file(settings)
    backups = make_backups(settings).listed()
    rotated = rotate(settings.storage.directory, key_file, backups, named(by), SystemClock())
    typer.echo("The sales are encrypted with a new key. Start the agent again: systemctl start store-agent")
    kept = count(rotated.former, "former key stays", "former keys stay")
    needed = count(rotated.files, "backup or set-aside file", "backups and set-aside files")
    typer.echo(f"{kept} in {key_file}, below the new one, for {needed} here and copies elsewhere.")
    typer.echo("Put a copy of the new key in a safe place. Delete a former one when no backup needs it any more.")
