"""`store-agent run`."""

import gc

from store_agent.cli.options import DEFAULT_CONFIG, ConfigPath

LOADING_OBJECTS = 100_000
"""How many objects are made before garbage is looked for while the agent loads: what is loaded stays, and looking
through that again and again takes a tenth of the start."""


def run(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Run the agent until it is told to stop (what systemd starts)."""
    gc.set_threshold(LOADING_OBJECTS)
    from store_agent.agent import runtime, systemd

    with systemd.last_words():
        runtime.run(config)
