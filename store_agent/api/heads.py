"""Refuses heads that two programs could read in two ways (RFC 9112, sections 3, 6 and 11.2: request smuggling).

The parser itself refuses most of that: a length beside chunks, two lengths, lines that end or fold as they should not.
What it lets through and the agent does not stands here.
"""

import re
from urllib.parse import unquote_to_bytes

Header = tuple[bytes, bytes]

HEADERS_MAX = 100
"""Lines of a head; a browser sends some twenty, a POS plugin fewer than ten."""

VERSIONS = frozenset({"1.0", "1.1"})

_SINGLE = frozenset(
    {
        b"authorization",
        b"content-length",
        b"content-type",
        b"host",
        b"last-event-id",
        b"origin",
        b"sec-fetch-site",
        b"transfer-encoding",
    }
)
"""Headers that decide something; each may stand once."""

_CONTROL = re.compile(rb"[\x00-\x1f\x7f\\]").search


def why_ambiguous(target: bytes, version: str, headers: list[Header]) -> str:
    """Say what is wrong with a complete head; empty if nothing is. Header names are in lower case."""
    return _target(target) or _headers(version, headers)


def _target(target: bytes) -> str:
    """Look at what is asked for: a path of this server, whichever way it is written."""
    if not target.startswith(b"/"):
        return "The request must name a path that begins with /."
    path = target.partition(b"?")[0]
    if b"%" not in path and b"/." not in path:
        return ""
    plain = unquote_to_bytes(path)
    if _CONTROL(plain) or not {b".", b".."}.isdisjoint(plain.split(b"/")):
        return "The path has parts that the agent does not follow: '.', '..', a backslash or control codes."
    try:
        plain.decode()
    except UnicodeDecodeError:
        return "The path is not UTF-8."
    return ""


def _headers(version: str, headers: list[Header]) -> str:
    if version not in VERSIONS:
        return "The agent speaks HTTP/1.1."
    known = dict(headers)
    if len(known) < len(headers):
        names = [name for name, _ in headers if name in _SINGLE]
        if len(names) > len(set(names)):
            return "A header stands twice that may stand once."
    coding = known.get(b"transfer-encoding")
    if coding is not None and (coding.lower() != b"chunked" or version != "1.1"):
        return "The only transfer coding is chunked, in HTTP/1.1."
    return ""
