"""What every answer about catalog and employees says of itself: from which version it is, and how old that is."""

from typing import Any, Protocol

from starlette.responses import Response

from store_agent.api import answers
from store_agent.storage.history import Version
from store_agent.storage.uploads import Upload


class Shelf(Protocol):
    """What catalog and employees have alike."""

    @property
    def trouble(self) -> str | None:
        """Why there is nothing, in words for a manager."""
        ...

    def current(self) -> Version | None:
        """Which version it is."""
        ...


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


def show_state(shelf: Shelf, upload: Upload | None, now: float) -> Response:
    """Answer which version there is, what is wrong if there is none, and what became of the last upload.

    `now` is wall time in seconds.
    """
    version = shelf.current()
    shown = None if version is None else show_version(version)
    sent = None if upload is None else show_upload(upload)
    return told(version, now, version=shown, trouble=shelf.trouble, upload=sent)


def show_upload(upload: Upload) -> dict[str, Any]:
    """Give an upload as JSON; times are seconds since 1970."""
    return {
        "sequence": upload.sequence,
        "state": upload.state.value,
        "accepted_at": upload.accepted_at / 1000,
        "settled_at": None if upload.settled_at is None else upload.settled_at / 1000,
        "error": upload.error,
    }


def told(origin: Version | None, now: float, **found: Any) -> Response:
    """Answer with what was found, and as of when that is."""
    if origin is None:
        return answers.ok({**found, "as_of": None, "age_seconds": None})
    age = max(0.0, round(now - origin.as_of / 1000, 1))
    return answers.ok({**found, "as_of": origin.as_of / 1000, "age_seconds": age})
