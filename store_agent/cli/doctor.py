"""`store-agent doctor`."""

import textwrap
from collections import Counter
from typing import TYPE_CHECKING

import typer

from store_agent.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath

if TYPE_CHECKING:
    from store_agent.agent.doctor.finding import Finding

WIDTH = 80
_STATE_WIDTH = 12
_NAME_WIDTH = 18

CONFIGURATION, UNAVAILABLE = 78, 69
"""Exit codes of sysexits.h where there is a problem: with the configuration, or with anything else."""


def doctor(config: ConfigPath = DEFAULT_CONFIG, *, as_json: AsJson = False) -> None:
    """Check everything the agent stands on, and say what it means and how to cure it.

    Ends with 0 if there is no problem, 78 if the configuration is one, else 69. Run it as the agent's user or as root.
    """
    from dataclasses import asdict

    from store_agent import __version__
    from store_agent.agent.doctor.examination import examine
    from store_agent.agent.doctor.finding import State
    from store_agent.cli import show

    found = []
    for finding in examine(config):
        found.append(finding)
        if not as_json:
            typer.echo(_lines(finding))
    states = Counter(finding.state for finding in found)
    if as_json:
        counts = {state.value: states[state] for state in State}
        show.print_json({"version": __version__, "counts": counts, "findings": [asdict(one) for one in found]})
    else:
        typer.echo("\n" + ", ".join(f"{states[state]} {state.value}" for state in State) + ".")
    wrong = {finding.name for finding in found if finding.state is State.PROBLEM}
    if wrong:
        raise typer.Exit(CONFIGURATION if wrong & {"configuration", "secret", "certificate"} else UNAVAILABLE)


def _lines(finding: "Finding") -> str:
    from store_agent.cli import show

    said = {"": finding.words, "This means: ": finding.meaning, "What to do: ": finding.cure}
    blank = " " * (_STATE_WIDTH + _NAME_WIDTH)
    lines = [
        line
        for label, words in said.items()
        if words
        for paragraph in (label + words).splitlines()
        for line in _wrapped(show.plain(paragraph), WIDTH - len(blank))
    ]
    first = f"{finding.state.value:{_STATE_WIDTH}}{finding.name:{_NAME_WIDTH}}"
    return "\n".join([first + lines[0], *(blank + line for line in lines[1:])])


def _wrapped(text: str, width: int) -> list[str]:
    """Break lines between words only, so that commands and paths can be copied."""
    return textwrap.wrap(text, width, break_on_hyphens=False, break_long_words=False)
