"""`store-agent demo`."""


def demo() -> None:
    """Show in half a minute what the agent is for: lanes sell, the line breaks and returns, nothing is lost."""
