"""What the agent writes to standard error: one line an event, whoever speaks, with a priority in the journal only."""

import contextlib
import json
import logging
import re
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from structlog.contextvars import bound_contextvars

from store_agent.agent import logs
from store_agent.agent.journal import is_journal
from store_agent.cli.log_lines import Level, read_line

Configure = Callable[[str, str], Path]

FORGED = "fine\n2026-03-01T00:00:00Z [info     ] link.online \x1b[2J\r<3>"


@pytest.fixture
def configure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Configure]:
    """Set up the log as the agent does, into a file; all of it is put back afterwards."""
    path = tmp_path / "stderr"
    hooks = (sys.excepthook, sys.unraisablehook, threading.excepthook)
    with path.open("w") as file:

        def configured(level: str, form: str) -> Path:
            monkeypatch.setattr(sys, "stderr", file)
            pytests, logging.root.handlers = logging.root.handlers, []
            logs.configure(level, form)
            logging.root.handlers += pytests
            return path

        yield configured
    logging.root.handlers = [one for one in logging.root.handlers if not isinstance(one, logs._Others)]
    logging.captureWarnings(capture=False)
    logging.getLogger("uvicorn.error").setLevel(logging.NOTSET)
    sys.excepthook, sys.unraisablehook, threading.excepthook = hooks


@pytest.fixture
def in_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "stderr").touch()
    there = (tmp_path / "stderr").stat()
    monkeypatch.setenv("JOURNAL_STREAM", f"{there.st_dev}:{there.st_ino}")


def fail() -> None:
    raise ValueError(FORGED)


class Faulty:
    def __del__(self) -> None:
        fail()


def speak() -> None:
    """Have everybody say something, with a traceback where there can be one."""
    log = structlog.get_logger("test")
    log.info("test.fine", words=FORGED, terminal="lane-1")
    try:
        fail()
    except ValueError:
        log.exception("test.bug", words="It failed.")
        logging.getLogger("other").exception("broken %s", FORGED)
    logging.getLogger("other").error("nothing was caught", exc_info=(None, None, None))
    logging.getLogger("other").info("nobody wants to know")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(FORGED, stacklevel=1)
    died = threading.Thread(target=fail)
    died.start()
    died.join()
    Faulty()
    try:
        fail()
    except ValueError:
        sys.excepthook(*sys.exc_info())


SPOKEN = [
    ("test.fine", 6), ("test.bug", 3), ("library.said", 3), ("library.said", 3), ("library.said", 4),
    ("agent.thread_died", 3), ("agent.fault_ignored", 3), ("agent.died", 2),
]  # fmt: skip


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines()


@pytest.mark.usefixtures("in_journal")
def test_in_the_journal_every_line_is_one_event_with_its_priority(configure: Configure) -> None:
    path = configure("info", "json")
    speak()
    signs = [re.fullmatch(r"<([0-7])>(\{.*\})", line) for line in lines(path)]
    assert [(json.loads(sign[2])["event"], int(sign[1])) for sign in signs if sign is not None] == SPOKEN
    assert len(signs) == len(SPOKEN)


def test_elsewhere_lines_are_plain_json_with_words(configure: Configure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOURNAL_STREAM", "1:2")  # inherited by whoever leads standard error elsewhere
    path = configure("info", "json")
    speak()
    told = [json.loads(line) for line in lines(path)]
    assert [one["event"] for one in told] == [name for name, _ in SPOKEN]
    for one in told:
        assert list(one)[:4] == ["timestamp", "level", "event", "words"]
        assert one["timestamp"].endswith("Z")
    assert [one["exception"][0]["exc_type"] for one in told if "exception" in one] == ["ValueError"] * 5


@pytest.mark.usefixtures("in_journal")
def test_as_text_in_the_journal_every_line_of_a_traceback_has_the_priority(configure: Configure) -> None:
    path = configure("info", "text")
    speak()
    read = [read_line(line) for line in lines(path)]
    assert all(line.startswith("<") for line in lines(path))
    assert {one.level for one in read} == {Level.INFO, Level.WARNING, Level.ERROR, Level.CRITICAL}


def test_as_text_nobody_s_words_begin_a_line_or_move_a_cursor(configure: Configure) -> None:
    path = configure("info", "text")
    speak()
    assert "\x1b" not in path.read_text()
    heads = [line for line in lines(path) if not line.startswith("    ")]
    assert len(heads) == len(SPOKEN)
    assert all(name in head for head, (name, _) in zip(heads, SPOKEN, strict=True))


def test_what_is_done_for_a_caller_is_told_with_its_name(configure: Configure) -> None:
    path = configure("warning", "json")
    log = structlog.get_logger("test")
    with bound_contextvars(terminal="lane-1", request_id="R-1"):
        log.warning("test.told", words="It is told.")
        log.info("test.hidden", words="It is not.")
    log.warning("test.told", words="It is told.")
    first, second = (json.loads(line) for line in lines(path))
    assert (first["terminal"], first["request_id"]) == ("lane-1", "R-1")
    assert "terminal" not in second


def test_a_log_that_cannot_be_written_stops_nobody(configure: Configure, monkeypatch: pytest.MonkeyPatch) -> None:
    configure("info", "json")
    full = Path("/dev/full").open("w")  # noqa: SIM115 - closing it fails, too
    monkeypatch.setattr(sys, "stderr", full)
    logs.configure("info", "json")
    for _ in range(1_000):
        structlog.get_logger("test").info("test.lost", words="x" * 100)
    with contextlib.suppress(OSError):
        full.close()
    structlog.get_logger("test").info("test.lost", words="It is closed.")


def test_a_stream_without_a_number_is_no_journal() -> None:
    class Nothing:
        def fileno(self) -> int:
            raise ValueError

    stream: Any = Nothing()
    assert not is_journal(stream)
