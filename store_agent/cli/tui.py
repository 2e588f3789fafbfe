"""`store-agent tui`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from store_agent.cli.options import DEFAULT_CONFIG, ConfigPath

if TYPE_CHECKING:
    from store_agent.tui.calls import Calls


def tui(
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    socket: Annotated[
        Path | None, typer.Option(help="The managers' socket of the agent, instead of a configuration.")
    ] = None,
    terminal: Annotated[str | None, typer.Option(metavar="NAME", help="Look as this terminal, not as manager.")] = None,
    token_file: Annotated[Path | None, typer.Option(help="The file with that terminal's token.")] = None,
) -> None:
    """Open the manager's screen: are sales safe, what waits, what needs a person, and mend it."""
    from store_agent.errors import ConfigurationError
    from store_agent.tui.app import ManagerApp
    from store_agent.tui.options import Options

    options = Options(config, socket, terminal, token_file)

    async def connect(typed: tuple[str, str] | None) -> "Calls":
        import asyncio
        import importlib

        access = await asyncio.to_thread(importlib.import_module, "store_agent.tui.access")
        calls: Calls = access.open_calls(options, typed)
        return calls

    app = ManagerApp(connect)
    if problem := app.run():
        raise ConfigurationError(problem)
    if app.return_code:
        raise typer.Exit(app.return_code)
