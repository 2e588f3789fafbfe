"""What happened, told once when it changes (never on repetition): for logs, plugins and screens."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """`name` is dotted and stable, `words` are for a manager, `details` for programs (JSON values, no sale's text)."""

    name: str
    words: str
    details: dict[str, Any] = field(default_factory=dict)


Tell = Callable[[Event], None]
"""Hands an event to whoever listens; never fails and never waits."""
