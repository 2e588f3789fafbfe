"""JSON read together with where each value stands, so that its bytes can be kept as sent (G7).

Values come from the standard library's decoder; the walkers here only find where the members of one object and the
elements of one list stand. Numbers with a fraction or an exponent are `Decimal`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from json import JSONDecodeError, JSONDecoder
from typing import Any, NamedTuple, NoReturn

from store_agent.errors import BadInput

DEPTH_MAX = 64
"""Levels of nesting accepted; documented sales use 4 (DESIGN, section 8)."""

_skip_space = re.compile(r"[ \t\n\r]*").match
_brackets = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[{\]}]', re.DOTALL)


class _Refusal(ValueError):
    """Raised inside the decoder for what JSON allows and the agent does not."""


def _refuse_constant(word: str) -> NoReturn:
    raise _Refusal(f"{word} is not a JSON number")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _Refusal(f"the key {clip(twice)!r} stands twice in one object")
    return members


_decode = JSONDecoder(parse_float=Decimal, parse_constant=_refuse_constant, object_pairs_hook=_unique).raw_decode


class Span(NamedTuple):
    """A value and the half-open range of the text it was read from; `name_start` is where its member begins."""

    value: Any
    start: int
    end: int
    name_start: int


@dataclass(frozen=True, slots=True)
class ObjectText:
    """An object inside `text`, from `start` up to `end`, with the values of its members."""

    text: str
    start: int
    end: int
    values: dict[str, Any]

    @property
    def own_text(self) -> str:
        """The object as it was sent, braces included."""
        return self.text[self.start : self.end]

    def spans(self) -> dict[str, Span]:
        """Find where each member's value stands; costs a second reading."""
        return _members(self.text, self.start)[0]

    def without(self, name: str) -> str:
        """Return the object's text without one of its members; no other byte changes."""
        span = self.spans()[name]
        end = _space(self.text, span.end)
        if self.text[end] == ",":
            return self.text[self.start : span.name_start] + self.text[_space(self.text, end + 1) : self.end]
        start = span.name_start - 1
        while self.text[start] in " \t\n\r":
            start -= 1
        keep = start if self.text[start] == "," else start + 1
        return self.text[self.start : keep] + self.text[end : self.end]

    def last_end(self) -> int:
        """Return where the last member ends, or just behind the opening brace."""
        position = self.end - 1
        while self.text[position - 1] in " \t\n\r":
            position -= 1
        return position


def clip(text: str, limit: int = 40) -> str:
    """Return at most `limit` characters of somebody else's text, for use in a message."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def read_text(body: bytes) -> str:
    """Decode a request body and check its nesting. Raises BadInput `invalid_json`."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _bad(f"The body is not UTF-8 (byte {error.start + 1}).") from None
    if text.count("{") + text.count("[") > DEPTH_MAX:
        _check_depth(text)
    return text


def _check_depth(text: str) -> None:
    depth = 0
    for match in _brackets.finditer(text):
        mark = text[match.start()]
        if mark in "[{":
            depth += 1
            if depth > DEPTH_MAX:
                raise _bad(f"The body is nested deeper than {DEPTH_MAX} levels.")
        elif mark in "]}":
            depth -= 1


def read_root(text: str) -> dict[str, Span]:
    """Read the members of the object that is the whole of `text`; nothing may follow it.

    Raises BadInput `invalid_json`.
    """
    start = _space(text, 0)
    if text[start : start + 1] != "{":
        raise _bad("The body must be a JSON object.")
    members, end = _members(text, start)
    rest = _space(text, end)
    if rest != len(text):
        raise _bad(f"There is text after the end of the JSON object (character {rest + 1}).")
    return members


def read_elements(text: str, start: int) -> Iterator[ObjectText]:
    """Give the objects of the list at `start`, which was read before and holds objects only."""
    position = _space(text, start + 1)
    ended = text[position : position + 1] == "]"
    while not ended:
        value, end = _value(text, position)
        yield ObjectText(text, position, end, value)
        position, ended = _next(text, end, "]")


def _members(text: str, start: int) -> tuple[dict[str, Span], int]:
    """Read the members of the object at `start`; gives also where the object ends."""
    members: dict[str, Span] = {}
    position = _space(text, start + 1)
    if text[position : position + 1] == "}":
        return members, position + 1
    ended = False
    while not ended:
        name_start = position
        key, position = _key(text, position)
        if key in members:
            raise _bad(f"The key {clip(key)!r} stands twice in one object.")
        start = _space(text, position)
        value, end = _value(text, start)
        members[key] = Span(value, start, end, name_start)
        position, ended = _next(text, end, "}")
    return members, position


def _value(text: str, position: int) -> tuple[Any, int]:
    """Read the value at `position`; gives it and where it ends."""
    try:
        return _decode(text, position)
    except JSONDecodeError as error:
        raise _bad(f"The body is not JSON: {error.msg} (line {error.lineno}, column {error.colno}).") from None
    except _Refusal as error:
        raise _bad(f"The body is not acceptable JSON: {error}.") from None
    except (ValueError, InvalidOperation):
        raise _bad("The body holds a number with too many digits.") from None
    except RecursionError:
        raise _bad(f"The body is nested deeper than {DEPTH_MAX} levels.") from None


def _key(text: str, position: int) -> tuple[str, int]:
    if text[position : position + 1] != '"':
        raise _bad(f"The body is not JSON: a key in quotes is missing (character {position + 1}).")
    key, end = _value(text, position)
    position = _space(text, end)
    if text[position : position + 1] != ":":
        raise _bad(f"The body is not JSON: a colon is missing (character {position + 1}).")
    return key, position + 1


def _next(text: str, position: int, closing: str) -> tuple[int, bool]:
    position = _space(text, position)
    mark = text[position : position + 1]
    if mark == closing:
        return position + 1, True
    if mark == ",":
        return _space(text, position + 1), False
    raise _bad(f"The body is not JSON: a comma or {closing} is missing (character {position + 1}).")


def _space(text: str, position: int) -> int:
    match = _skip_space(text, position)
    return match.end() if match else position


def _bad(message: str) -> BadInput:
    return BadInput("invalid_json", message)
