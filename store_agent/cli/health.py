"""`store-agent health`: for tools that watch many machines.

Exit codes and the form of the first line are those of the Monitoring Plugins Development Guidelines, not of sysexits.
"""

import sys
from http import HTTPStatus
from typing import Any

import typer

from store_agent.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath
from store_agent.errors import AgentError

UNKNOWN = 3
"""Nothing is known of the store: the agent may not be asked, or takes too long to answer."""

IN_TROUBLE = 2

EXIT_CODES = {"ok": 0, "attention": 1, "trouble": IN_TROUBLE}

_VERDICTS = {IN_TROUBLE: "trouble", UNKNOWN: "unknown"}
_FIRST = {0: "OK", 1: "WARNING", IN_TROUBLE: "CRITICAL", UNKNOWN: "UNKNOWN"}


def health(config: ConfigPath = DEFAULT_CONFIG, *, as_json: AsJson = False) -> None:
    """Judge how the store is: exit code 0 well, 1 wants attention, 2 in trouble or not running, 3 not known."""
    from store_agent.cli import local, show
    from store_agent.config.load import load

    try:
        found: dict[str, Any] = local.call(load(config), "GET", "/v1/health")
    except AgentError as failure:
        code = _code_of(failure)
        _say_failure(code, show.plain(str(failure)), as_json=as_json)
        sys.exit(code)
    code = EXIT_CODES[found["verdict"]]
    if as_json:
        show.print_json(found)
    else:
        typer.echo(_first_line(code, show.plain(found["words"]), found))
        for finding in found["findings"]:
            typer.echo(show.plain(f"{finding['words']} What to do: {finding['cure']}"))
    sys.exit(code)


def _code_of(failure: AgentError) -> int:
    """Tell an agent that does not run, or answers that it cannot work, from one of which nothing is known."""
    from store_agent.local.problems import NotRunning, Refused

    answers = isinstance(failure, Refused) and failure.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return IN_TROUBLE if answers or isinstance(failure, NotRunning) else UNKNOWN


def _say_failure(code: int, words: str, *, as_json: bool) -> None:
    from store_agent.cli import show

    if as_json:
        show.print_json({"verdict": _VERDICTS[code], "words": words, "findings": []})
    else:
        typer.echo(f"{_FIRST[code]} - {' '.join(words.split())}")


def _first_line(code: int, words: str, found: dict[str, Any]) -> str:
    """Give the line that such tools show, with figures for their charts behind the bar."""
    oldest = found["oldest_waiting_seconds"] or 0.0
    return f"{_FIRST[code]} - {words.replace('|', '/')} | waiting={found['waiting']} oldest={oldest:.0f}s"
