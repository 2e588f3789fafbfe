"""What the agent writes to standard error: one line an event, JSON for collectors or text for people.

Every line has `event` (a dotted name), `level`, `timestamp` (UTC), `words` (what happened, what it means for sales,
what to do, for a manager) and fields: docs/logs.md lists them. Whoever works for a caller or on a request binds that
(`structlog.contextvars`), so that each line written meanwhile has `terminal`, or `request_id` and `sequences`.

What other libraries say, and what ends a thread or the process, are such lines, too: a traceback stays in its line, and
no text of others can begin one.
"""

import contextlib
import json
import logging
import sys
import threading
import traceback
from types import TracebackType
from typing import Any, TextIO

import structlog

from store_agent.agent.journal import is_journal, prefixed
from store_agent.domain.card_data import masked
from store_agent.domain.card_names import NOTHING
from store_agent.domain.card_numbers import mask_text
from store_agent.domain.plain import plain

_HEAD = ("timestamp", "level", "event", "words")
"""What people look for first."""

FRAMES_MAX = 30
"""Frames of a traceback: the journal breaks a line of more than 48 KiB in two (LineMax= of journald.conf(5))."""

_TRACEBACKS = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False, max_frames=FRAMES_MAX)
)
"""Without the values of variables: they hold sales and credentials (G16)."""

_FAULT = "Tell whoever looks after the agent."

_log = structlog.get_logger("agent")


def configure(level: str, form: str) -> None:
    """Set up structlog for the process, and all that writes beside it; other libraries speak only from warnings on."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *(_json_processors() if form == "json" else _text_processors()),
            *([_for_journal] if is_journal(sys.stderr) else []),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(_Patient(sys.stderr)),  # type: ignore[arg-type]  # it only writes
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, handlers=[_Others()])
    logging.captureWarnings(True)
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)  # strangers' bad requests are answered, not logged
    sys.excepthook, sys.unraisablehook, threading.excepthook = _died, _ignored, _thread_died


class _Patient:
    """A stream that takes no harm from what cannot be written: the store sells on without a log."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()


class _Others(logging.Handler):
    """Makes events of what other libraries log."""

    def emit(self, record: logging.LogRecord) -> None:
        level = logging.ERROR if record.levelno >= logging.ERROR else logging.WARNING
        cause = record.exc_info if record.exc_info and record.exc_info[0] else None
        try:
            words = f"{record.name}: {record.getMessage()}"
            _log.log(level, "library.said", words=words, library=record.name, exc_info=cause)
        except Exception:  # noqa: BLE001 - a line that cannot be made must not end what wanted to say something
            self.handleError(record)


def _died(kind: type[BaseException], problem: BaseException, trace: TracebackType | None) -> None:
    words = f"The agent ends by a fault of its own. Sales that were answered are safe. {_FAULT}"
    _log.critical("agent.died", words=words, exc_info=(kind, problem, trace))


def _thread_died(fault: threading.ExceptHookArgs) -> None:
    if fault.exc_type is SystemExit:
        return
    name = "" if fault.thread is None else fault.thread.name
    words = f"A thread of the agent ended by a fault. {_FAULT}"
    _log.error("agent.thread_died", words=words, thread=name, exc_info=fault.exc_value)


def _ignored(fault: "sys.UnraisableHookArgs") -> None:
    words = f"Something that the agent was done with could not be put away. Sales are not affected. {_FAULT}"
    _log.error("agent.fault_ignored", words=words, exc_info=fault.exc_value)


def _json_processors() -> list[structlog.typing.Processor]:
    return [_TRACEBACKS, _in_order, structlog.processors.JSONRenderer(serializer=_as_json)]


def _text_processors() -> list[structlog.typing.Processor]:
    return [_harmless, _WithoutCards(structlog.dev.ConsoleRenderer(colors=False, exception_formatter=_write_traceback))]


def _in_order(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return {name: event[name] for name in _HEAD if name in event} | dict(event)


def _as_json(event: Any, **how: Any) -> str:
    """Write a line; it is screened as it will be read, so that it stays JSON."""
    return masked(json.dumps(event, **how).encode(), NOTHING).decode()


def _harmless(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Take from other people's text what would begin another line or move a cursor; JSON escapes it by itself."""
    return {name: plain(value) if isinstance(value, str) else value for name, value in event.items()}


def _write_traceback(stream: TextIO, cause: structlog.typing.ExcInfo) -> None:
    """Write a traceback below its line, moved in, so that none of its lines looks like another event."""
    stream.writelines(f"\n    {plain(line)}" for line in "".join(traceback.format_exception(*cause)).splitlines())


class _WithoutCards:
    """A renderer whose lines hold no card data (G16)."""

    def __init__(self, renderer: structlog.typing.Processor) -> None:
        self._renderer = renderer

    def __call__(self, logger: Any, method: str, event: structlog.typing.EventDict) -> str:
        return mask_text(str(self._renderer(logger, method, event)))


def _for_journal(_: Any, method: str, line: Any) -> str:
    return prefixed(method, line)
