"""`store-agent audit`."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from store_agent.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath


def audit(
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List what people did to the queue and the day, and why, newest first."""
    from store_agent.cli import local, pages, show
    from store_agent.config.load import load

    with local.LocalAgent(load(config)) as agent:
        entries = list(pages.audit_entries(agent, limit))
    if as_json:
        show.print_json({"entries": entries})
    else:
        print_entries(entries)


def print_entries(entries: Sequence[dict[str, Any]]) -> None:
    """Print entries as the local API gives them."""
    from store_agent.cli import show

    rows = [
        (show.local_time(entry["at"]), entry["who"], entry["action"], entry["sequence"], entry["reason"] or None)
        for entry in entries
    ]
    show.print_table(("WHEN", "WHO", "WHAT", "SEQUENCE", "REASON"), rows)
