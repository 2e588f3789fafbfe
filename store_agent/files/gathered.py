"""What was read from a file so far: entries, where each stood, and what was wrong with it."""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic

from store_agent.domain.catalog import Catalog
from store_agent.domain.catalog_check import Origins
from store_agent.domain.content import Kept
from store_agent.domain.employees import Employee
from store_agent.domain.problems import Origin, Problems
from store_agent.errors import BadInput
from store_agent.files.source import UNREADABLE

ENTRIES_MAX = 1_000_000
"""Entries of one kind in one file: five times the largest store that is planned for, and a bound for memory."""


class Places:
    """Where entries stood: the list they were in, such as `items.`, and their number in it. 8 bytes an entry."""

    def __init__(self) -> None:
        self._lists: list[str] = []
        self._list = array("I")
        self._number = array("I")

    def add(self, within: str, number: int) -> None:
        """Note where the next entry stood; entries of one list mostly come one after the other."""
        if not self._lists or self._lists[-1] != within:
            self._lists.append(within)
        self._list.append(len(self._lists) - 1)
        self._number.append(number)

    def __call__(self, entry: int) -> str:
        """Give the place of an entry by its number from 0: `items.3`, `line 17`."""
        return f"{self._lists[self._list[entry]]}{self._number[entry]}"


class Gathered(Generic[Kept]):
    """Entries of one kind with their places."""

    def __init__(self) -> None:
        self.entries: list[Kept] = []
        self.places = Places()

    def add(self, entry: Kept, within: str, number: int) -> None:
        """Take one more. Raises BadInput if they are too many."""
        if len(self.entries) == ENTRIES_MAX:
            raise BadInput(UNREADABLE, f"The file has more than {ENTRIES_MAX:,} entries.")
        self.entries.append(entry)
        self.places.add(within, number)


@dataclass(frozen=True, slots=True)
class CatalogFile:
    """A catalog as read, before the check of the whole.

    `problems` are those of single values. `names` tells how the form calls fields that the agent calls otherwise,
    `unused` are columns of a table that mean nothing to the agent.
    """

    catalog: Catalog
    origins: Origins
    problems: Problems
    names: Mapping[str, str] = field(default_factory=dict)
    unused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EmployeesFile:
    """Employees as read, before the check of the whole; see `CatalogFile`."""

    employees: tuple[Employee, ...]
    origin: Origin
    problems: Problems
    unused: tuple[str, ...] = ()
