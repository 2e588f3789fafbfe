"""`store-agent outbox export`: sales with their texts, one a line; audited."""

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from store_agent.cli.options import DEFAULT_CONFIG, ConfigPath
from store_agent.cli.person import By, Reason, named
from store_agent.errors import CannotCreate

if TYPE_CHECKING:
    from store_agent.cli.local import LocalAgent

PART = 4
"""Sales asked for at a time: so many of the largest that a till may send (256 KiB) fit into one answer."""


def export(
    sequences: Annotated[list[int], typer.Argument(min=1, metavar="SEQUENCE", help="The sales, as listed.")],
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Write to this file, readable by you.")] = None,
    by: By = None,
    reason: Reason = "",
) -> None:
    """Write sales with all that is kept of them as JSON, one a line. It is noted in the audit for each."""
    from store_agent.cli import local, show
    from store_agent.config.load import load
    from store_agent.domain.summary import count

    person = {"by": named(by), "reason": reason}
    settings = load(config)
    with local.LocalAgent(settings) as agent, _opened(output) as file:
        written = sum(_write(agent, person, sequences[at : at + PART], file) for at in range(0, len(sequences), PART))
    if output is not None:
        typer.echo(f"{count(written, 'sale was', 'sales were')} written to {show.plain(output)}.")


def _write(agent: "LocalAgent", person: dict[str, str], sequences: list[int], file: TextIO) -> int:
    sales: list[dict[str, Any]] = agent.call("POST", "/v1/outbox/export", {**person, "sequences": sequences})["sales"]
    file.writelines(json.dumps(sale) + "\n" for sale in sales)
    return len(sales)


def _opened(output: Path | None) -> contextlib.AbstractContextManager[TextIO]:
    """Open what is written to; a file only for its owner, since sales tell what guests bought. Raises CannotCreate."""
    if output is None:
        return contextlib.nullcontext(sys.stdout)
    try:
        descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise CannotCreate(f"{output} cannot be written ({error.strerror}). Give another --output.") from None
    return os.fdopen(descriptor, "w", encoding="utf-8")
