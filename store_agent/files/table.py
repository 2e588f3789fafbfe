"""Tables as text: CSV with commas, semicolons or tabs, whose first line names the columns.

A cell is text and nothing else: what a spreadsheet would take for a formula, a date or a number stays as it is written.
Blanks around a cell do not count.
"""

import csv
from collections.abc import Iterator
from typing import TextIO

from store_agent.domain.jsontext import clip
from store_agent.domain.problems import Problems
from store_agent.errors import BadInput
from store_agent.files.source import UNREADABLE

LINE_CHARACTERS_MAX = 1_048_576
"""The longest line read: many times the longest texts and lists that are allowed in one."""
_SEPARATORS = (",", ";", "\t")

LINE = "line "
"""What stands before a line's number in messages."""


class Row:
    """The cells of one line by the names of their columns."""

    __slots__ = ("_cells", "_columns", "line")

    def __init__(self, columns: dict[str, int], cells: list[str], line: int) -> None:
        self._columns = columns
        self._cells = cells
        self.line = line

    def __getitem__(self, column: str) -> str:
        """Give a cell without blanks around it; empty if the line or the table has none."""
        position = self._columns.get(column)
        return self._cells[position].strip() if position is not None and position < len(self._cells) else ""

    def several(self, column: str) -> list[str]:
        """Give what stands in a cell, separated by `|`."""
        cell = self[column]
        return [part.strip() for part in cell.split("|") if part.strip()] if cell else []


class Table:
    """A table that is read once from its first line to its last."""

    def __init__(self, text: TextIO, problems: Problems) -> None:
        self._problems = problems
        self._lines = _lines(text)
        first = next(self._lines, "")
        self._reader = csv.reader(_following(first, self._lines), delimiter=_separator(first), strict=True)
        self._width = 0
        self.columns: dict[str, int] = {}
        self._read_header()

    def unused(self, known: frozenset[str]) -> tuple[str, ...]:
        """Name the columns that mean nothing to the agent, in their order."""
        return tuple(column for column in self.columns if column not in known)

    def rows(self) -> Iterator[Row]:
        """Give the lines below the header that are not blank. Raises BadInput where the table cannot be read."""
        line = self._reader.line_num + 1
        for cells in self._cells():
            if any(map(str.strip, cells)):
                if len(cells) > self._width and any(cells[self._width :]):
                    self._problems.add(f"{LINE}{line}", "cells", "are more than there are columns")
                yield Row(self.columns, cells, line)
            line = self._reader.line_num + 1

    def _read_header(self) -> None:
        names = ["_".join(cell.strip().lower().split()) for cell in next(self._cells(), [])]
        self._width = len(names)
        for position, name in enumerate(names):
            if name in self.columns:
                raise BadInput(UNREADABLE, f"The first line names the column {clip(name)!r} twice.")
            if name:
                self.columns[name] = position

    def _cells(self) -> Iterator[list[str]]:
        try:
            yield from self._reader
        except csv.Error as error:
            words = f"The table cannot be read any further than line {self._reader.line_num}: {error}."
            raise BadInput(UNREADABLE, words) from None


def _lines(text: TextIO) -> Iterator[str]:
    number = 0
    while line := text.readline(LINE_CHARACTERS_MAX):
        number += 1
        if len(line) == LINE_CHARACTERS_MAX:
            raise BadInput(UNREADABLE, f"Line {number} is longer than {LINE_CHARACTERS_MAX:,} characters.")
        yield line


def _following(first: str, others: Iterator[str]) -> Iterator[str]:
    yield first
    yield from others


def _separator(header: str) -> str:
    return max(_SEPARATORS, key=header.count)
