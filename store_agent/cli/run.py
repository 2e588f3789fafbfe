"""`store-agent run`."""

from store_agent.cli.options import DEFAULT_CONFIG, ConfigPath


def run(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Run the agent until it is told to stop (what systemd starts)."""
    from store_agent.agent import garbage, loading

    garbage.rest()
    loading.load_without_rich()
    from store_agent.agent import runtime, systemd

    with systemd.last_words():
        runtime.run(config)
