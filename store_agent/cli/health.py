"""`store-agent health`: for tools that watch many machines.

Exit codes and the form of the first line are those of the Monitoring Plugins Development Guidelines, not of sysexits.
"""

import sys
from typing import Any

import typer

from store_agent.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath
from store_agent.errors import AgentError

UNKNOWN = 3
"""Nothing is known of the store: the agent does not answer, or may not be asked."""

EXIT_CODES = {"ok": 0, "attention": 1, "trouble": 2}

_FIRST = {0: "OK", 1: "WARNING", 2: "CRITICAL", UNKNOWN: "UNKNOWN"}


def health(config: ConfigPath = DEFAULT_CONFIG, *, as_json: AsJson = False) -> None:
    """Judge how the store is: exit code 0 well, 1 wants attention, 2 in trouble, 3 not known."""
    from store_agent.cli import local, show
    from store_agent.config.load import load

    try:
        found: dict[str, Any] = local.call(load(config), "GET", "/v1/health")
    except AgentError as failure:
        _say_unknown(show.plain(str(failure)), as_json=as_json)
        sys.exit(UNKNOWN)
    code = EXIT_CODES[found["verdict"]]
    if as_json:
        show.print_json(found)
    else:
        typer.echo(_first_line(code, show.plain(found["words"]), found))
        for finding in found["findings"]:
            typer.echo(show.plain(f"{finding['words']} What to do: {finding['cure']}"))
    sys.exit(code)


def _say_unknown(words: str, *, as_json: bool) -> None:
    from store_agent.cli import show

    if as_json:
        show.print_json({"verdict": "unknown", "words": words, "findings": []})
    else:
        typer.echo(f"{_FIRST[UNKNOWN]} - {' '.join(words.split())}")


def _first_line(code: int, words: str, found: dict[str, Any]) -> str:
    """Give the line that such tools show, with figures for their charts behind the bar."""
    oldest = found["oldest_waiting_seconds"] or 0.0
    return f"{_FIRST[code]} - {words.replace('|', '/')} | waiting={found['waiting']} oldest={oldest:.0f}s"
