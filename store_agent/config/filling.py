"""Filling in the text of a configuration where it stands: every comment and every other line stays as it is.

A key is looked for in its table: set, it is changed; as a comment, as in config.example.toml, it is set in its place;
else it is put below the head of its table. Nothing is believed of that: what comes out is read, and must say what was
to change and else what it said before.
"""

import json
import re
import tomllib
from collections.abc import Iterable
from typing import Any, NamedTuple

from store_agent.errors import ConfigurationError

MARK = "  # to be filled in"
"""What the package's default configuration puts behind a comment whose key has no default."""

_MARKED = re.compile(rf"{re.escape(MARK)}(?=\r?$)", re.MULTILINE)
_HINT = re.compile(r'^# What is "to be filled in".*\n', re.MULTILINE)
_VALUE = r"""(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^\s#"'\[{]+)"""


class Change(NamedTuple):
    """A key of a table and the value that it is to have; None takes it out."""

    table: str
    key: str
    value: str | int | None


def fill(text: str, changes: Iterable[Change]) -> str:
    """Make the changes. Raises ConfigurationError where one cannot be made in such a text."""
    expected = tomllib.loads(text)
    for change in changes:
        text = _made(text, change)
        _expect(expected, change)
        if _read(text) != expected:
            raise ConfigurationError(
                f"{change.table}.{change.key} stands in the configuration in a way that cannot be changed by itself. "
                "Nothing was changed. Write it there yourself, then try again."
            )
    return text


def unmarked(text: str) -> str:
    """Take out what says that something is to be filled in."""
    return _MARKED.sub("", _HINT.sub("", text))


def _made(text: str, change: Change) -> str:
    lines = text.split("\n")
    first, end = _table(lines, change.table)
    active, commented = (_line(lines, first, stop, change.key, lead) for stop, lead in _places(lines, first, end))
    if change.value is None:
        return text if active is None else "\n".join(lines[:active] + lines[active + 1 :])
    if active is not None:
        lines[active] = _replaced(lines[active], change)
    elif commented is not None:
        lines[commented] = _setting(change) + _ending(lines[commented])
    elif first:
        lines.insert(first, _setting(change) + _ending(lines[first - 1]))
    else:
        lines += [f"[{change.table}]", _setting(change), ""]
    return "\n".join(lines)


def _table(lines: list[str], table: str) -> tuple[int, int]:
    """Give the lines of a table, its head not included; 0 and 0 if there is none."""
    head = re.compile(rf"\s*\[\s*{table}\s*\]\s*(#.*)?\r?")
    first = next((number for number, line in enumerate(lines, 1) if head.fullmatch(line)), 0)
    ends = (number for number in range(first, len(lines)) if lines[number].lstrip().startswith("["))
    return first, next(ends, len(lines)) if first else 0


def _places(lines: list[str], first: int, end: int) -> tuple[tuple[int, str], tuple[int, str]]:
    """Say up to where a key may be set, and up to where it may be a comment: those below "# [table]" are another's."""
    foreign = (number for number in range(first, end) if re.match(r"\s*#\s*\[", lines[number]))
    return (end, r"\s*"), (next(foreign, end), r"\s*#\s?")


def _line(lines: list[str], first: int, end: int, key: str, lead: str) -> int | None:
    setting = re.compile(rf"{lead}{key}\s*=")
    return next((number for number in range(first, end) if setting.match(lines[number])), None)


def _replaced(line: str, change: Change) -> str:
    """Put in another value, and leave the comment behind it; a value over several lines is found out later."""
    setting = re.compile(rf"(\s*{change.key}\s*=\s*){_VALUE}(\s*(?:#.*)?)")
    return setting.sub(lambda found: f"{found[1]}{_toml(change.value)}{found[2]}", line, count=1)


def _setting(change: Change) -> str:
    return f"{change.key} = {_toml(change.value)}"


def _toml(value: str | int | None) -> str:
    """Write a value; a basic string of TOML is one of JSON, but for a letter that the reading refuses."""
    return json.dumps(value, ensure_ascii=False)


def _ending(line: str) -> str:
    return "\r" if line.endswith("\r") else ""


def _expect(values: dict[str, Any], change: Change) -> None:
    table = values.get(change.table, {})
    if change.value is not None:
        values[change.table] = {**(table if isinstance(table, dict) else {}), change.key: change.value}
    elif isinstance(table, dict):
        table.pop(change.key, None)


def _read(text: str) -> Any:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
