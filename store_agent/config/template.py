"""The text of a new configuration: the example, in which nothing is set that only a store can know."""

import re
from importlib.resources import files

_PLACEHOLDER = re.compile(r"^((?:store_id|client_id|base_url|key|secret) = )", re.MULTILINE)


def new_text() -> str:
    """Give config.example.toml, which comes with the program, with its placeholders as comments."""
    example = files("store_agent.config").joinpath("config.example.toml").read_text(encoding="utf-8")
    return _PLACEHOLDER.sub(r"# \1", example)
