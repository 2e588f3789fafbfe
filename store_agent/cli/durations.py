"""Lengths of time as people type them: 90s, 15min, 2h, 3d."""

import re

import typer

_UNITS = {"s": 1, "min": 60, "h": 3_600, "d": 86_400}
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,3})?) ?(s|min|h|d)")


def parse_duration(text: str) -> float:
    """Return the seconds. Raises typer.BadParameter, which names the option."""
    found = _DURATION.fullmatch(text.strip().lower())
    if found is None:
        raise typer.BadParameter(f"{text!r} is not a length of time; write for example 90s, 15min, 2h or 3d.")
    return float(found[1]) * _UNITS[found[2]]
