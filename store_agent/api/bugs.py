"""What the log says of faults of the agent itself; the caller is told nothing of them but to send the same again."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from starlette.types import Scope

from store_agent.api.rates import Rates
from store_agent.clock import Clock

FAULT = "fault"
"""In the state of a request: the Fault of the agent itself in which it ended."""

TOLD_PER_SECOND = 1 / 60
TOLD_BURST = 5
"""How often the same fault is told: a POS that repeats what fails must not fill the log with tracebacks."""

_WORDS = "A request failed by a fault of the agent; nothing of it was answered as taken. Tell whoever looks after it."

_log = structlog.get_logger("api")


@dataclass(frozen=True, slots=True)
class Fault:
    """What was raised; `names` tell what the request was about."""

    problem: Exception
    names: dict[str, str]


class Bugs:
    """Tells of faults; `heard` hears of each."""

    def __init__(self, clock: Clock, heard: Callable[[], None]) -> None:
        self._telling = Rates(clock, TOLD_PER_SECOND, TOLD_BURST)
        self._heard = heard

    def tell(self, scope: Scope) -> None:
        """Count the fault that is noted of a request, and log it with its traceback."""
        fault: Fault = scope["state"].pop(FAULT)  # it holds all that was in hand
        self._heard()
        level = logging.DEBUG if self._telling.wait(_place(fault.problem)) else logging.ERROR
        _log.log(level, "api.bug", words=_WORDS, path=scope["path"], exc_info=fault.problem, **fault.names)


def note_bug(problem: Exception, scope: Scope, **names: str) -> None:
    """Note in what fault a request ended; it is told of once the request is answered."""
    scope.setdefault("state", {})[FAULT] = Fault(problem, names)


def _place(problem: Exception) -> str:
    """Name what was raised, and where: paths hold ids, and are not the same for the same fault."""
    trace = problem.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    line = "" if trace is None else f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
    return f"{type(problem).__name__} {line}"
