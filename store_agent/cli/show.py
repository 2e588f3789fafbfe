"""Printing for people, with other people's text made harmless."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from store_agent.domain.plain import plain

__all__ = ["local_time", "money", "plain", "print_json", "print_table", "print_words"]


def print_json(value: Any) -> None:
    """Print a value for a script."""
    typer.echo(json.dumps(value, indent=2))


def print_words(done: Mapping[str, Any], *, as_json: bool) -> None:
    """Print what came of something: the agent's words for it, or all of its answer for a script."""
    if as_json:
        print_json(done)
    else:
        typer.echo(plain(done["words"]))


def print_table(headings: Sequence[str], rows: Sequence[Sequence[Any]], right: Collection[str] = ()) -> None:
    """Print rows in columns, those under the headings `right` to the right; None is shown as a dash."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold", justify="right" if heading in right else "left")
    for row in rows:
        table.add_row(*(Text("-" if cell is None else plain(cell)) for cell in row))
    Console(width=None if _is_terminal() else 200).print(table)


def local_time(seconds: float | None) -> str | None:
    """Give a moment in the store's own time."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def money(amount: str) -> str:
    """Give an amount as people read it: 31,876.40."""
    return f"{Decimal(amount):,}"


def _is_terminal() -> bool:
    return Console().is_terminal
