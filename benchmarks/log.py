"""What the log costs a sale that leaves no line in it, and what a line costs that is written.

The cost is processor time: of binding the terminal at the door and the request in the drain, and of lines at debug that
nobody wants.
"""

import io
import sys
from contextlib import redirect_stderr

import structlog
from structlog.contextvars import bind_contextvars, clear_contextvars

from benchmarks import table
from benchmarks.metrics import each, micro
from benchmarks.part import Ground, Part, at_most
from store_agent.agent import logs
from store_agent.api.sale_log import SaleLog
from store_agent.clock import SystemClock
from store_agent.cloud.sessionm.noted import note_call
from store_agent.cloud.sessionm.observer import Call
from store_agent.domain.outcome import Delivered

DOOR_SECONDS_MAX = 5e-6
"""What the log may add to the answer for a sale: half a hundredth of the millisecond that it takes."""

CALL_SECONDS_MAX = 50e-6
"""What it may add to a call to the platform, which takes 80 ms and carries up to ten sales."""

_REQUEST = "8c0f6f1e-5d2b-4a52-9d5b-3f9f0f6f2c11"


def run(ground: Ground) -> Part:
    """Measure, print and judge."""
    before, root = structlog.get_config(), (sys.excepthook, sys.unraisablehook)
    try:
        with redirect_stderr(io.StringIO()):
            logs.configure("info", "json")
            return _measure(ground)
    finally:
        structlog.configure(**before)
        sys.excepthook, sys.unraisablehook = root


def _measure(ground: Ground) -> Part:
    log, count = SaleLog(SystemClock()), ground.pick(50_000, 2_000)
    door = each(ground, count, lambda: _sell(log))
    call = each(ground, count, _send)
    line = each(ground, max(1, count // 50), _park)
    clear_contextvars()
    rows = [
        ["a sale at the door, no line", *door.shown(micro)],
        ["a call to the platform, no line", *call.shown(micro)],
        ["a line that is written", *line.shown(micro)],
    ]
    table.show("What the log costs", ["", "processor time", "rounds"], rows)
    return Part(
        {"door_seconds": door.as_json(), "call_seconds": call.as_json(), "line_seconds": line.as_json()},
        [
            at_most("the log of a sale at the door", door, DOOR_SECONDS_MAX, micro),
            at_most("the log of a call to the platform", call, CALL_SECONDS_MAX, micro),
        ],
    )


def _sell(log: SaleLog) -> None:
    bind_contextvars(terminal="lane-1")
    if log.verbose:
        log.taken(b"", [])


def _send() -> None:
    bind_contextvars(request_id=_REQUEST, sequences=[17])
    note_call(Call("send_transaction", _REQUEST, (17,)), Delivered(), 0.08)


def _park() -> None:
    words = "The platform refused a sale; it is set aside for the manager. The platform does not know employee 1000."
    structlog.get_logger("events").warning("sale.parked", words=words, sequence=17, fields=["employee_id"])
