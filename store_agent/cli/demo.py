"""`store-agent demo`."""

from typing import Annotated

import typer


def demo(
    *,
    screen: Annotated[
        bool, typer.Option("--screen", help="Open the manager's screen on a store whose line comes and goes.")
    ] = False,
) -> None:
    """Show in half a minute what the agent is for: lanes sell, the line breaks and returns, nothing is lost."""
    import asyncio

    if screen:
        from store_agent.cli.demo_visit import visit

        raise typer.Exit(asyncio.run(visit()))
    from store_agent.cli.demo_story import tell

    if not asyncio.run(tell()):
        raise typer.Exit(1)
