"""JSON with one member a line, every letter and digit as it came."""

import json
import re
from collections.abc import Iterator

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')

STEP = "  "


def indented(text: str) -> str:
    """Lay JSON out; what is none comes back as it is."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    return "".join(_laid_out(_TOKEN.findall(text)))


def _laid_out(parts: list[str]) -> Iterator[str]:
    depth = 0
    for place, part in enumerate(parts):
        before = parts[place - 1] if place else ""
        if part in "}]":
            depth -= 1
            yield part if before in ("{", "[") else _line(depth) + part
            continue
        if before in ("{", "[", ","):
            yield _line(depth)
        yield f"{part} " if part == ":" else part
        depth += part in "{["


def _line(depth: int) -> str:
    return "\n" + STEP * depth
