"""What the agent writes to standard error: one line an event, JSON for collectors or text for people."""

import json
import logging
import sys
import traceback
from types import TracebackType
from typing import Any

import structlog

from store_agent.domain.card_data import masked
from store_agent.domain.card_names import NOTHING
from store_agent.domain.card_numbers import mask_text

_TRACEBACKS = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))
"""Without the values of variables: they hold sales and credentials (G16)."""


class _WithoutCards:
    """A renderer whose lines hold no card data (G16)."""

    def __init__(self, renderer: structlog.typing.Processor) -> None:
        self._renderer = renderer

    def __call__(self, logger: Any, method: str, event: structlog.typing.EventDict) -> str:
        return mask_text(str(self._renderer(logger, method, event)))


class _Formatter(logging.Formatter):
    """Lines of other libraries without card data, their tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        return mask_text(super().format(record))


def _as_json(event: Any, **how: Any) -> str:
    """Write a line; it is screened as it will be read, so that it stays JSON."""
    return masked(json.dumps(event, **how).encode(), NOTHING).decode()


def _last_words(kind: type[BaseException], problem: BaseException, trace: TracebackType | None) -> None:
    """Write what ends the process, as Python would."""
    sys.stderr.write(mask_text("".join(traceback.format_exception(kind, problem, trace))))


def configure(level: str, form: str) -> None:
    """Set up structlog for the process; other libraries speak only from warnings on."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(serializer=_as_json)
        if form == "json"
        else _WithoutCards(
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
        )
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([_TRACEBACKS] if form == "json" else []),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    others = logging.StreamHandler(sys.stderr)
    others.setFormatter(_Formatter("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[others])
    sys.excepthook = _last_words
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)  # strangers' bad requests are answered, not logged
