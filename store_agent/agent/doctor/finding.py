"""What a check found, in words for whoever looks after the machine."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How good or bad a finding is. Only a `problem` keeps sales from being taken or sent."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class Finding:
    """`words`: what was found; `meaning`: what it means for sales; `cure`: what to do. The last two are empty if ok."""

    name: str
    state: State
    words: str
    meaning: str = ""
    cure: str = ""


def ok(name: str, words: str) -> Finding:
    """Make a finding that needs nothing."""
    return Finding(name, State.OK, words)


def warning(name: str, words: str, meaning: str, cure: str) -> Finding:
    """Make a finding that should be mended some day soon."""
    return Finding(name, State.WARNING, words, meaning, cure)


def problem(name: str, words: str, meaning: str, cure: str) -> Finding:
    """Make a finding that must be mended."""
    return Finding(name, State.PROBLEM, words, meaning, cure)


def not_checked(name: str, words: str) -> Finding:
    """Make a finding of what could not be looked at, and why."""
    return Finding(name, State.NOT_CHECKED, words)
