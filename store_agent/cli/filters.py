"""The options that say which sales are meant, as the local API takes them."""

from typing import Annotated, Any

import typer

from store_agent.cli.durations import parse_duration

Terminal = Annotated[str | None, typer.Option(metavar="NAME", help="Only sales of this terminal.")]
Text = Annotated[
    str | None, typer.Option(metavar="WORDS", help="Only sales with this in their transaction's id or their reason.")
]
OlderThan = Annotated[
    float | None,
    typer.Option(parser=parse_duration, metavar="TIME", help="Only sales taken so long ago or longer, e.g. 15min, 3d."),
]
YoungerThan = Annotated[
    float | None, typer.Option(parser=parse_duration, metavar="TIME", help="Only sales taken since, e.g. 90s, 2h.")
]

AmountMin = Annotated[str | None, typer.Option(metavar="AMOUNT", help="Only sales of at least this amount, e.g. 9.50.")]
AmountMax = Annotated[str | None, typer.Option(metavar="AMOUNT", help="Only sales of at most this amount.")]
Cause = Annotated[
    str | None, typer.Option(metavar="WORDS", help="Only sales with exactly this reason, as outbox attention shows it.")
]


def asked(
    *,
    terminal: str | None,
    text: str | None,
    older_than: float | None,
    younger_than: float | None,
    amount_min: str | None,
    amount_max: str | None,
    cause: str | None,
) -> dict[str, Any]:
    """Give the filters that are set."""
    filters = {
        "terminal": terminal,
        "text": text,
        "older_than_seconds": older_than,
        "younger_than_seconds": younger_than,
        "amount_min": amount_min,
        "amount_max": amount_max,
        "cause": cause,
    }
    return {name: value for name, value in filters.items() if value is not None}
