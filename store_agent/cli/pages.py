"""Reading lists of the local API page by page, however long they are."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from store_agent.cli.local import LocalAgent

PAGE_MAX = 1_000
"""Rows of one page, as the API allows."""

SEQUENCE_MAX = 2**63 - 1
"""No sequence is above it."""


def outbox_pages(
    agent: "LocalAgent", filters: Mapping[str, Any], way: tuple[str, int], limit: int | None
) -> Iterator[dict[str, Any]]:
    """Give pages of the queue until `limit` rows were found (None: no limit) or the end is reached.

    `way` is "after" or "before" and the sequence to begin at. A page may be empty though more follow: the API looks at
    so many sales at a time.
    """
    found = 0
    edge: str = way[0]
    following: int | None = way[1]
    while following is not None and found != limit:
        size = PAGE_MAX if limit is None else min(limit - found, PAGE_MAX)
        page = agent.call("GET", f"/v1/outbox?{urlencode({**filters, edge: following, 'limit': size})}")
        found += len(page["revisions"])
        following = page[f"next_{edge}"]
        yield page


def audit_entries(agent: "LocalAgent", limit: int) -> Iterator[dict[str, Any]]:
    """Give entries of the audit, newest first."""
    before: dict[str, int] = {}
    found = 0
    while found < limit:
        page = agent.call("GET", f"/v1/audit?{urlencode({**before, 'limit': min(limit - found, PAGE_MAX)})}")
        found += len(page["entries"])
        yield from page["entries"]
        if page["next_before"] is None:
            return
        before = {"before": page["next_before"]}
