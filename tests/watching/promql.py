"""The names in a query, with the labels that it asks for: as much of PromQL as the rules and the dashboard use."""

import re
from typing import NamedTuple

_SELECTOR = re.compile(r"\b((?:store_agent|node|up|ALERTS)\w*)\s*(?:\{([^}]*)\})?")
_MATCHER = re.compile(r'(\w+)\s*(=~|=|!=|!~)\s*"((?:[^"\\]|\\.)*)"')
_GROUPED = re.compile(r"\b(?:by|on|without|ignoring)\s*\(([^)]*)\)")
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')

ELSEWHERE = frozenset({"instance", "job"})
"""Labels that Prometheus adds to every target."""


class Asked(NamedTuple):
    """A metric, and the matchers of its labels: (label, operator, value)."""

    name: str
    matchers: tuple[tuple[str, str, str], ...]


def selectors(query: str) -> list[Asked]:
    """Find what a query reads."""
    found = []
    for match in _SELECTOR.finditer(query):
        if not _inside_text(query, match.start()):
            matchers = tuple(one for one in _MATCHER.findall(match[2] or "") if one[0] not in ELSEWHERE)
            found.append(Asked(match[1], matchers))
    return found


def grouped_by(query: str) -> set[str]:
    """Find the labels by which a query groups."""
    named = {label.strip() for labels in _GROUPED.findall(query) for label in labels.split(",")}
    return named - ELSEWHERE - {""}


def _inside_text(query: str, at: int) -> bool:
    return any(match.start() < at < match.end() for match in _TEXT.finditer(query))
