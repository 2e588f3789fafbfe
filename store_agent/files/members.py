"""The members of one JSON object, read as the fields of an entry; what is of the wrong type is a problem of its own."""

import sys
from typing import Any

from store_agent.domain.problems import Problems

_TRUTHS: dict[Any, bool] = {True: True, False: False, "true": True, "false": False, "": False, None: False}
"""Recorded traffic has numbers and truths as strings, so that they are right here as well."""


def shared_id(text: str) -> str:
    """Give one object for all texts that are equal: an id stands in its entry and in every list that names it."""
    return sys.intern(text)


class Members:
    """Reads one object. A missing or null member is empty; a whole number is the text of its digits."""

    __slots__ = ("_problems", "_values", "where")

    def __init__(self, values: dict[str, Any], where: str, problems: Problems) -> None:
        self._values = values
        self._problems = problems
        self.where = where

    def has(self, name: str) -> bool:
        """Tell whether a member is there and says something."""
        return self._values.get(name) is not None

    def text(self, name: str) -> str:
        """Read text; empty if it is missing."""
        value = self._values.get(name)
        return value if type(value) is str else self._text_of(value, name)

    def optional(self, name: str) -> str | None:
        """Read text; None if it is missing or empty."""
        return self.text(name) or None

    def identifier(self, name: str) -> str:
        """Read an id; empty if it is missing."""
        return shared_id(self.text(name))

    def identifiers(self, name: str) -> tuple[str, ...]:
        """Read a list of ids."""
        value = self._values.get(name)
        if value is None:
            return ()
        if not isinstance(value, list):
            self._problems.add(self.where, name, "must be a list")
            return ()
        return tuple(shared_id(self._text_of(element, name)) for element in value)

    def truth(self, name: str) -> bool:
        """Read true or false; false if it is missing."""
        value = self._values.get(name)
        if value is True or value is False or value is None:
            return bool(value)
        told = value.lower() if isinstance(value, str) else value
        if isinstance(told, list | dict) or told not in _TRUTHS:
            self._problems.add(self.where, name, "must be true or false")
            return False
        return _TRUTHS[told]

    def pairs(self, name: str) -> tuple[tuple[str, str], ...]:
        """Read an object of texts as pairs, in order of their names; null and empty ones say nothing."""
        value = self._values.get(name)
        if not value:
            return ()
        if not isinstance(value, dict):
            self._problems.add(self.where, name, "must be an object of texts")
            return ()
        pairs = ((shared_id(kind), self._text_of(told, name)) for kind, told in sorted(value.items()))
        return tuple(pair for pair in pairs if pair[1])

    def refuse(self, field: str, reason: str) -> None:
        """Note a problem of this object."""
        self._problems.add(self.where, field, reason)

    def _text_of(self, value: Any, name: str) -> str:
        if value is None or isinstance(value, str):
            return value or ""
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        self._problems.add(self.where, name, "must be text")
        return ""
