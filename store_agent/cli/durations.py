"""Times as people type them: 90s, 15min, 2h, 3d, and moments."""

import re
from datetime import datetime, time, timedelta

import typer

_UNITS = {"s": 1, "min": 60, "h": 3_600, "d": 86_400}
_TIME_OF_DAY = re.compile(r"\d{2}:\d{2}(:\d{2})?")
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,3})?) ?(s|min|h|d)")


def parse_duration(text: str) -> float:
    """Return the seconds. Raises typer.BadParameter, which names the option."""
    found = _DURATION.fullmatch(text.strip().lower())
    if found is None:
        raise typer.BadParameter(f"{text!r} is not a length of time; write for example 90s, 15min, 2h or 3d.")
    return float(found[1]) * _UNITS[found[2]]


def parse_moment(text: str, now: datetime) -> datetime:
    """Return a moment in the past, in the store's own time unless it names another: a length of time ago, or a time.

    A time of day that is still to come is yesterday's. Raises typer.BadParameter.
    """
    try:
        if _DURATION.fullmatch(text.strip().lower()):
            return now - timedelta(seconds=parse_duration(text))
        if _TIME_OF_DAY.fullmatch(text):
            today = datetime.combine(now.date(), time.fromisoformat(text))
            return (today - timedelta(days=today.astimezone() > now)).astimezone()
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):
        raise typer.BadParameter(
            f"{text!r} is no time; write for example 2h, 14:30, 2026-03-01 or 2026-03-01T14:30."
        ) from None
