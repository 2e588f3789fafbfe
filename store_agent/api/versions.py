"""What every answer about catalog and employees says of itself: from which version it is, and how old that is."""

from typing import Any

from starlette.responses import Response

from store_agent.api import answers
from store_agent.storage.history import Version


def show_version(version: Version) -> dict[str, Any]:
    """Give a version as JSON; times are seconds since 1970."""
    return {
        "version": version.number,
        "since": version.since / 1000,
        "as_of": version.as_of / 1000,
        "source": version.source,
        "counts": dict(version.counts),
        "added": version.added,
        "removed": version.removed,
        "altered": version.changed,
    }


def show_state(version: Version | None, trouble: str | None, now: float) -> Response:
    """Answer which version there is, and what is wrong if there is none. `now` is wall time in seconds."""
    shown = None if version is None else show_version(version)
    return told(version, now, version=shown, trouble=trouble)


def told(origin: Version | None, now: float, **found: Any) -> Response:
    """Answer with what was found, and as of when that is."""
    if origin is None:
        return answers.ok({**found, "as_of": None, "age_seconds": None})
    age = max(0.0, round(now - origin.as_of / 1000, 1))
    return answers.ok({**found, "as_of": origin.as_of / 1000, "age_seconds": age})
