"""`store-agent demo`."""

import typer


def demo() -> None:
    """Show in half a minute what the agent is for: lanes sell, the line breaks and returns, nothing is lost."""
    import asyncio

    from store_agent.cli.demo_story import tell

    if not asyncio.run(tell()):
        raise typer.Exit(1)
