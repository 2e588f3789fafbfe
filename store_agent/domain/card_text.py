r"""The texts and numbers in JSON, with their paths, without reading it as a whole: it may not even be JSON.

Whoever looks for card data must see what a reader will see: what an escape such as `\u0034` stands for, and every
member, also one that comes twice.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from json import JSONDecodeError, JSONDecoder

from store_agent.domain.card_names import Path
from store_agent.domain.card_numbers import DIGITS_MIN
from store_agent.domain.jsontext import DEPTH_MAX

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|-?\d[\d.eE+-]*|[\[{\]},]', re.DOTALL)
_UNIT = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL)
"""What one letter of a text is written as in JSON; two escapes are one letter beyond U+FFFF."""

LONG = 8
"""Letters from which a number can be a card's: as many digits are written of one that ends in four zeros."""

NAME_MAX = 64
"""Letters of a name that its path keeps: the longest that is documented has 30, and every field below has the path."""

_NAME_NEXT = None
"""Stands for the name of a member that is still to come."""

_decode = JSONDecoder(strict=False).decode


@dataclass(frozen=True, slots=True)
class Token:
    """A text or number in JSON, from start to end, the quotes not counted. `path` of a name is that of its member."""

    path: Path
    start: int
    end: int
    is_text: bool = True
    is_name: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the field and of the object around it, the field's last."""
        last = islice((part for part in reversed(self.path) if isinstance(part, str)), 2)
        return tuple(last)[::-1]

    def read(self, text: str) -> str:
        """Give what a text says, or a number as it is written; empty for what cannot be read, which is no JSON."""
        return _read(text[self.start : self.end]) if self.is_text else text[self.start : self.end]

    def replaced(self, text: str, value: str) -> str:
        """Write a text anew with other letters in some places; all other letters stay as they were written."""
        written = text[self.start : self.end]
        if "\\" not in written:
            return value
        units = (unit[0] for unit in _UNIT.finditer(written))
        return "".join(unit if new == old else new for unit, old, new in zip(units, _read(written), value, strict=True))


def tokens(text: str) -> Iterator[Token]:
    """Give the texts and numbers of a JSON text in order, but for those that are too short to be card data."""
    within: list[str | int | None] = []
    for found in _TOKEN.finditer(text):
        start, end = found.span()
        mark = text[start]
        if mark == '"':
            inside = end - 1 if end - start > 1 and text[end - 1] == '"' else end
            is_name = bool(within) and within[-1] is _NAME_NEXT
            if is_name:
                within[-1] = _read(text[start + 1 : inside])[:NAME_MAX]
            if inside - start > DIGITS_MIN or _is_worth_a_look(text[start + 1 : inside]):
                yield Token(_path(within), start + 1, inside, is_name=is_name)
        elif mark in "{[":
            within.append(_NAME_NEXT if mark == "{" else 0)
        elif mark in "}]":
            del within[-1:]
        elif mark != ",":
            if end - start >= LONG or text[start:end].isdecimal():
                yield Token(_path(within), start, end, is_text=False)
        elif within:
            inner = within[-1]
            within[-1] = inner + 1 if isinstance(inner, int) else _NAME_NEXT


def _is_worth_a_look(written: str) -> bool:
    """Tell whether a short text is a few digits, or may be other than it is written."""
    return written.strip().isdecimal() or "\\" in written


def _read(written: str) -> str:
    if "\\" not in written:
        return written
    try:
        return str(_decode(f'"{written}"'))
    except JSONDecodeError:
        return ""


def _path(within: list[str | int | None]) -> Path:
    """Return the path, of what is nested deeper than anybody takes only the end."""
    return tuple(part for part in within[-DEPTH_MAX:] if part is not None)
