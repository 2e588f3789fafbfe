"""JSON read from a stream, a value at a time, so that a large file never stands in memory as a whole.

The reader walks objects and lists of any size (`members`, `elements`) and decodes what is asked for (`value`) with the
standard library's decoder. What it was asked to walk must be walked to its end before the next call.
"""

import re
from collections.abc import Iterator
from json import JSONDecodeError, JSONDecoder
from typing import Any, NoReturn, TextIO

from store_agent.domain.jsontext import DEPTH_MAX, clip
from store_agent.errors import BadInput
from store_agent.files.source import UNREADABLE

PIECE_CHARACTERS = 65_536
VALUE_CHARACTERS_MAX = 16 * 1_048_576
"""The longest value decoded at once: a category with 300,000 items of the longest ids."""
_LONGEST_TOKEN = 16
"""Characters at the end of a piece that may go on in the next: a word, an escape, a number (`1.` and `5` are 1.5)."""

_skip_space = re.compile(r"[ \t\n\r]*").match


class _Refusal(ValueError):
    """Raised inside the decoder for what JSON allows and the agent does not."""


def _refuse_constant(word: str) -> NoReturn:
    raise _Refusal(f"{word} is not a JSON number")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Refusal(f"the key {clip(twice)!r} stands twice in one object")
    return members


_decode = JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_unique).raw_decode


class JsonStream:
    """One JSON text. All methods raise BadInput with line and column for what is not JSON."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._buffer = ""
        self._position = 0
        self._lines_before = 0
        self._line_start = 0  # counted from the beginning of the buffer, so mostly negative
        self._ended = False
        self._depth = 0

    def peek(self) -> str:
        """Give the first character of the next value or mark; empty at the end of the text."""
        while True:
            match = _skip_space(self._buffer, self._position)
            self._position = match.end() if match else self._position
            if self._position < len(self._buffer) or not self._read_on():
                return self._buffer[self._position : self._position + 1]

    def members(self) -> Iterator[str]:
        """Walk the object that comes next: give each name, whose value is to be read before the next one."""
        seen: set[str] = set()
        for _ in self._walk("{", "}"):
            if self.peek() != '"':
                self._refuse("a key in quotes is missing")
            name = self.value()
            if name in seen:
                self._refuse(f"the key {clip(name)!r} stands twice in one object")
            seen.add(name)
            self._expect(":")
            yield name

    def elements(self) -> Iterator[int]:
        """Walk the list that comes next: give each position from 0, whose value is to be read before the next one."""
        return self._walk("[", "]")

    def value(self) -> Any:
        """Decode the value that comes next. Floats are as Python reads them: no field here is a fraction."""
        self.peek()
        while True:
            try:
                value, end = _decode(self._buffer, self._position)
            except JSONDecodeError as error:
                if not self._cut_off(error) or not self._read_on():
                    self._refuse(error.msg, error.pos)
            except _Refusal as error:
                self._refuse(str(error))
            except ValueError:
                self._refuse("a number has too many digits")
            except RecursionError:
                self._refuse("a value is nested too deeply")
            else:
                if end < len(self._buffer) - _LONGEST_TOKEN or not self._read_on():
                    self._position = end
                    return value

    def skip(self) -> None:
        """Pass over the value that comes next, however large it is."""
        mark = self.peek()
        if mark == "{":
            for _ in self.members():
                self.skip()
        elif mark == "[":
            for _ in self.elements():
                self.skip()
        else:
            self.value()

    def end(self) -> None:
        """Make sure that nothing follows."""
        if self.peek():
            self._refuse("there is text after its end")

    def _walk(self, opening: str, closing: str) -> Iterator[int]:
        self._expect(opening)
        self._depth += 1
        if self._depth > DEPTH_MAX:
            self._refuse(f"it is nested deeper than {DEPTH_MAX} levels")
        number = 0
        ended = self.peek() == closing
        while not ended:
            yield number
            number += 1
            ended = self.peek() == closing
            if not ended:
                self._expect(",")
        self._expect(closing)
        self._depth -= 1

    def _expect(self, mark: str) -> None:
        if self.peek() != mark:
            self._refuse(f"{mark} is missing")
        self._position += 1

    def _cut_off(self, error: JSONDecodeError) -> bool:
        """Tell whether a value may only seem wrong because it goes on behind what was read so far."""
        return error.msg.startswith("Unterminated string") or error.pos >= len(self._buffer) - _LONGEST_TOKEN

    def _read_on(self) -> bool:
        """Read as much again as is waiting to be decoded, at least a piece; false at the end of the text."""
        waiting = len(self._buffer) - self._position
        if waiting > VALUE_CHARACTERS_MAX:
            self._refuse(f"a single value is longer than {VALUE_CHARACTERS_MAX:,} characters")
        more = "" if self._ended else self._text.read(max(PIECE_CHARACTERS, waiting))
        self._ended = not more
        if more:
            self._lines_before, start = self._line_at(self._position)
            self._line_start = start - self._position
            self._buffer = self._buffer[self._position :] + more
            self._position = 0
        return bool(more)

    def _line_at(self, position: int) -> tuple[int, int]:
        """Give how many lines end before a position of the buffer, and where its own line starts."""
        start = self._buffer.rfind("\n", 0, position) + 1
        return self._lines_before + self._buffer.count("\n", 0, position), start or self._line_start

    def _refuse(self, reason: str, position: int | None = None) -> NoReturn:
        at = self._position if position is None else position
        line, start = self._line_at(at)
        where = f"line {line + 1}, column {at - start + 1}"
        raise BadInput(UNREADABLE, f"The file is not acceptable JSON: {reason} ({where}).")
