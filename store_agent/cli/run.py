"""`store-agent run`."""

from store_agent.cli.options import DEFAULT_CONFIG, ConfigPath


def run(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Run the agent until it is told to stop (what systemd starts)."""
    from functools import partial

    from store_agent.agent import runtime
    from store_agent.config.load import load

    runtime.run(partial(load, config))
