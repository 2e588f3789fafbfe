"""`store-agent log`: what the agent logged, in plain words."""

from collections import deque
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from store_agent.cli.log_lines import Level
from store_agent.cli.options import AsJson

if TYPE_CHECKING:
    from collections.abc import Iterator

    from store_agent.cli.log_lines import Line

LINES = 100
"""The last lines that are shown unless somebody says how many: some days of a quiet store."""


def log(
    source: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="A file of the log's lines, - for standard input.")
    ] = None,
    *,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Only from then on: 2h, 14:30, 2026-03-01, 2026-03-01T14:30.")
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Wait for more, until Ctrl-C.")] = False,
    level: Annotated[Level, typer.Option(help="Only lines so loud or louder.")] = Level.DEBUG,
    terminal: Annotated[str | None, typer.Option(metavar="NAME", help="Only what is about this terminal.")] = None,
    sequence: Annotated[int | None, typer.Option(min=1, help="Only what is about this sale.")] = None,
    request_id: Annotated[
        str | None, typer.Option(metavar="ID", help="Only what is about this request, by its id or the POS's own.")
    ] = None,
    lines: Annotated[
        int | None, typer.Option(min=1, help=f"How many at most, the newest. Default: {LINES}; with --since all.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what the agent logged, in plain words: the newest at the end.

    Without FILE it is read from the journal of store-agent.service, for which you need to be root or in the group
    systemd-journal. With --follow, --lines counts lines before they are chosen from.
    """
    from store_agent.cli.log_lines import Wanted, in_words, timed
    from store_agent.cli.log_lines import as_json as write_json

    wanted = Wanted(_moment(since), level, terminal, sequence, request_id)
    most = lines or (None if since else LINES)
    last = most if follow or wanted.everything else None
    write = write_json if as_json else in_words
    with suppress(KeyboardInterrupt), _opened(source, wanted.since, last, follow=follow) as found:
        chosen = filter(wanted.takes, timed(found))
        line = None
        for line in chosen if follow or most is None else deque(chosen, most):
            typer.echo(write(line))
        if line is None:
            typer.echo("The log holds nothing that fits.", err=True)


def _opened(
    source: Path | None, since: float | None, last: int | None, *, follow: bool
) -> "AbstractContextManager[Iterator[Line]]":
    from store_agent.cli import log_sources

    if source is None:
        return log_sources.journal(since, last, follow=follow)
    return log_sources.file(source, last, follow=follow)


def _moment(since: str | None) -> float | None:
    from datetime import datetime

    from store_agent.cli.durations import parse_moment

    return None if since is None else parse_moment(since, datetime.now().astimezone()).timestamp()
