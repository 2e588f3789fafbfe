"""Where values stand in a JSON text, so that their exact characters can be compared.

The standard decoder reads values; only the objects and arrays whose members matter are walked by hand. Kept apart from
the agent's own reader on purpose: one shared mistake would hide itself.
"""

import json
import re
from collections.abc import Callable
from typing import Any

_BLANKS = re.compile(r"[ \t\n\r]*")


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def skip_blanks(text: str, at: int) -> int:
    """Give the position of the next character that is not white space."""
    found = _BLANKS.match(text, at)
    return at if found is None else found.end()


def read_value(text: str, at: int) -> tuple[Any, int]:
    """Decode the value that starts at `at`; gives it and the position after it. Raises `ValueError`."""
    return _DECODER.raw_decode(text, at)


def read_object(text: str, at: int, member: Callable[[str, int], tuple[Any, int]]) -> tuple[dict[str, Any], int]:
    """Walk the object that starts at `at`; `member(key, position)` reads each value. Raises `ValueError`."""
    found: dict[str, Any] = {}
    at = skip_blanks(text, _expect(text, at, "{"))
    while not text.startswith("}", at):
        if found:
            at = skip_blanks(text, _expect(text, at, ","))
        key, at = _read_key(text, at)
        found[key], at = member(key, skip_blanks(text, at))
        at = skip_blanks(text, at)
    return found, at + 1


def read_array(text: str, at: int, element: Callable[[int], tuple[Any, int]]) -> tuple[list[Any], int]:
    """Walk the array that starts at `at`; `element(position)` reads each value. Raises `ValueError`."""
    found: list[Any] = []
    at = skip_blanks(text, _expect(text, at, "["))
    while not text.startswith("]", at):
        if found:
            at = skip_blanks(text, _expect(text, at, ","))
        value, at = element(at)
        found.append(value)
        at = skip_blanks(text, at)
    return found, at + 1


def _read_key(text: str, at: int) -> tuple[str, int]:
    key, at = read_value(text, at)
    if not isinstance(key, str):
        raise ValueError(f"a name was expected at character {at}")  # noqa: TRY004 - the text is wrong, not a type
    return key, _expect(text, skip_blanks(text, at), ":")


def _expect(text: str, at: int, mark: str) -> int:
    if not text.startswith(mark, at):
        raise ValueError(f"{mark!r} was expected at character {at}")
    return at + 1
