"""Counts of work that are the same on any machine, fast or slow, busy or idle."""

import gc
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from store_agent.storage import sqlite

Work = Callable[[], object]

_JOURNAL_HEAD = 32
_FRAME_HEAD = 24


def opcodes_of(work: Work) -> int:
    """Count the instructions that Python takes for some work, on this thread; what C code does for it is not seen.

    No garbage is collected meanwhile, since others may listen to that, in Python.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _instructions_of(work)
    finally:
        if collecting:
            gc.enable()


if sys.version_info >= (3, 12):

    def _instructions_of(work: Work) -> int:
        """Leave alone whoever traces: Python 3.12 lets several watch, and 3.13 does not tell a tracer everything."""
        watching, counted, own = sys.monitoring, 0, threading.get_ident()
        tool = next(number for number in (3, 4) if watching.get_tool(number) is None)

        def note(_code: object, _offset: int) -> None:
            nonlocal counted
            counted += threading.get_ident() == own

        watching.use_tool_id(tool, "tests.costs")
        watching.register_callback(tool, watching.events.INSTRUCTION, note)
        try:
            watching.set_events(tool, watching.events.INSTRUCTION)
            work()
        finally:
            watching.set_events(tool, watching.events.NO_EVENTS)
            watching.register_callback(tool, watching.events.INSTRUCTION, None)
            watching.free_tool_id(tool)
        return counted

else:

    def _instructions_of(work: Work) -> int:
        """Whoever traced before goes on afterwards."""
        counted, before = 0, sys.gettrace()

        def note(frame: FrameType, event: str, _: Any) -> Any:
            nonlocal counted
            frame.f_trace_opcodes, frame.f_trace_lines = True, False
            counted += event == "opcode"
            return note

        sys.settrace(note)
        try:
            work()
        finally:
            sys.settrace(before)
        return counted


def statements_of(raw: sqlite.Connection, work: Work) -> int:
    """Count the statements that SQLite begins, a row's triggers among them."""
    seen: list[str] = []
    raw.set_trace_callback(seen.append)
    try:
        work()
    finally:
        raw.set_trace_callback(None)
    return len(seen)


def steps_of(raw: sqlite.Connection, work: Work) -> int:
    """Count the steps of SQLite's own machine: a statement that looks at too many rows takes no more Python."""
    taken = 0

    def step() -> int:
        nonlocal taken
        taken += 1
        return 0

    raw.set_progress_handler(step, 1)
    try:
        work()
    finally:
        raw.set_progress_handler(None, 1)
    return taken


def pages_of(raw: sqlite.Connection, path: Path, work: Work) -> float:
    """Count the pages that are written to the journal."""
    raw.execute("PRAGMA wal_autocheckpoint = 0").fetchall()
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    (page,) = raw.execute("PRAGMA page_size").fetchone()
    work()
    return (path.with_name(f"{path.name}-wal").stat().st_size - _JOURNAL_HEAD) / (_FRAME_HEAD + int(page))
