"""Lines of the agent's log, read and put into plain words; lines of others are left as they are.

Nothing that a file or the journal holds may end the reading: a line that is damaged, or no event of ours, is a line of
others.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from store_agent.domain.plain import plain


class Level(StrEnum):
    """How loud a line is, from all to the least."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"


MOMENT_MAX = 253_000_000_000.0
"""Seconds since 1970, in the year 9987: every time zone can still show that."""

_LOUDNESS = {level: number for number, level in enumerate(Level)}
_PRIORITIES = [*[Level.CRITICAL] * 3, Level.ERROR, Level.WARNING, Level.INFO, Level.INFO, Level.DEBUG]
"""By the numbers of syslog(3)."""

_PRIORITY = re.compile(r"<([0-7])>")
_IDS = ("sequence", "sequences", "terminal", "transaction_id", "request_id", "pos_request_id")
_HEAD = {"event", "level", "timestamp", "words"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line: `at` is seconds since 1970, None where it tells no time; `fields` are empty for lines of others."""

    words: str
    level: Level = Level.INFO
    at: float | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines are wanted: from a moment on, so loud or louder, and about one thing."""

    since: float | None = None
    level: Level = Level.INFO
    terminal: str | None = None
    sequence: int | None = None
    request_id: str | None = None

    @property
    def everything(self) -> bool:
        """Whether all lines are wanted, from the first on."""
        return self == Wanted(level=Level.DEBUG)

    def takes(self, line: Line) -> bool:
        """Tell whether a line is wanted."""
        loud = _LOUDNESS[line.level] >= _LOUDNESS[self.level]
        late = self.since is None or (line.at is not None and line.at >= self.since)
        return loud and late and self._is_about(line.fields)

    def _is_about(self, fields: Mapping[str, Any]) -> bool:
        sequences = (fields.get("sequence"), *_listed(fields.get("sequences")))
        requests = (fields.get("request_id"), fields.get("pos_request_id"))
        return (
            self.terminal in (None, fields.get("terminal"))
            and (self.sequence is None or self.sequence in sequences)
            and (self.request_id is None or self.request_id in requests)
        )


def read_line(text: str, level: Level = Level.INFO, at: float | None = None) -> Line:
    """Read a line as it was written, with a priority before it or without (sd-daemon(3)).

    `level` and `at` are what else is known of it.
    """
    text = text.rstrip("\r\n")
    if sign := _PRIORITY.match(text):
        level, text = _PRIORITIES[int(sign[1])], text[sign.end() :]
    fields = _object(text)
    if not isinstance(fields.get("event"), str):
        return Line(text, level, at)
    told = fields.get("level")
    level = Level(told) if told in list(Level) else level
    return Line(_words(fields), level, _moment(fields.get("timestamp")) or at, fields)


def read_entry(text: str) -> Line:
    """Read an entry of the journal, as `journalctl --output=json --all` gives it (systemd.journal-fields(7))."""
    entry = _object(text)
    priority, micro = str(entry.get("PRIORITY")), str(entry.get("__REALTIME_TIMESTAMP"))
    level = _PRIORITIES[int(priority)] if re.fullmatch("[0-7]", priority) else Level.INFO
    at = int(micro) / 1_000_000 if re.fullmatch("[0-9]{1,16}", micro) else None
    return read_line(_message(entry.get("MESSAGE")) if entry else text, level, at)


def timed(lines: Iterable[Line]) -> Iterator[Line]:
    """Give lines without a time that of the line before them, to which they mostly belong."""
    at = None
    for line in lines:
        at = at if line.at is None else line.at
        yield replace(line, at=at)


def in_words(line: Line) -> str:
    """Write a line for a person: when, how bad, what, and what it is about."""
    when = "" if line.at is None else datetime.fromtimestamp(line.at, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S ")
    loud = "" if line.level is Level.INFO else f"{line.level.upper()} "
    return plain(f"{when}{loud}{line.words}{_fault(line.fields)}{_about(line.fields)}")


def as_json(line: Line) -> str:
    """Write a line for a script."""
    when = None if line.at is None else datetime.fromtimestamp(line.at, UTC).isoformat()
    return json.dumps(line.fields or {"timestamp": when, "level": line.level, "event": None, "words": line.words})


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _message(value: Any) -> str:
    """Give the text of an entry; what is not plain text stands as numbers of bytes."""
    try:
        value = bytes(value).decode("utf-8", "replace") if isinstance(value, list) else value
    except (TypeError, ValueError):
        return ""
    return value if isinstance(value, str) else ""


def _moment(stamp: Any) -> float | None:
    try:
        moment = datetime.fromisoformat(stamp).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None
    return moment if 0 <= moment < MOMENT_MAX else None


def _words(fields: Mapping[str, Any]) -> str:
    """Give the words of an event; one without any is told by its name and fields."""
    words = fields.get("words")
    if isinstance(words, str):
        return words
    rest = ", ".join(f"{name} {_shown(value)}" for name, value in fields.items() if name not in {*_HEAD, *_IDS})
    return f"{fields['event']}: {rest}" if rest else str(fields["event"])


def _fault(fields: Mapping[str, Any]) -> str:
    """Name the fault behind an event; where in the program it was is for `--json`."""
    faults = [one for one in _listed(fields.get("exception")) if isinstance(one, dict)]
    return f" ({faults[0].get('exc_type')}: {faults[0].get('exc_value')})" if faults else ""


def _about(fields: Mapping[str, Any]) -> str:
    """Name what a line is about; of one sale once."""
    ids = {name: fields[name] for name in _IDS if fields.get(name) is not None}
    if ids.get("sequences") == [ids.get("sequence")]:
        del ids["sequences"]
    return f" [{', '.join(f'{name} {_shown(value)}' for name, value in ids.items())}]" if ids else ""


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
