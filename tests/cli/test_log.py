"""`store-agent log`: the agent's lines in plain words, whatever else stands between them."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from store_agent.cli.durations import parse_moment
from store_agent.cli.log_lines import Wanted, as_json, in_words, read_entry, read_line
from store_agent.cli.main import app
from store_agent.errors import Unavailable
from tests.support.agent import COMMAND

PARKED = {
    "timestamp": "2026-03-01T13:02:11.123456Z", "level": "warning", "event": "sale.parked",
    "words": "The platform refused a sale.", "sequence": 17, "sequences": [17], "request_id": "R-1", "fields": ["x"],
}  # fmt: skip
SENT = {
    "timestamp": "2026-03-01T13:02:09Z", "level": "debug", "event": "request.answered",
    "words": "A call to the platform ended.", "sequences": [16, 17], "request_id": "R-1",
}  # fmt: skip
TAKEN = {
    "timestamp": "2026-03-01T13:02:08Z", "level": "debug", "event": "sale.taken", "words": "Sale 17 was taken.",
    "sequence": 17, "terminal": "lane-1", "transaction_id": "T-17", "pos_request_id": "P-1",
}  # fmt: skip
STARTED = {"timestamp": "2026-03-01T12:00:00Z", "level": "info", "event": "agent.started", "words": "It has started."}
BUG = {
    "timestamp": "2026-03-01T13:05:00Z", "level": "error", "event": "api.bug", "words": "A request failed.",
    "exception": [{"exc_type": "ValueError", "exc_value": "br\x1b[2Joken", "frames": []}], "terminal": "lane-2",
}  # fmt: skip
OLD = {"timestamp": "2026-03-01T13:06:00Z", "level": "info", "event": "chore.recovered", "chore": "backup", "tries": 3}

LOG = "\n".join(
    [
        f"<6>{json.dumps(STARTED)}",
        f"<7>{json.dumps(TAKEN)}",
        json.dumps(SENT),
        f"<4>{json.dumps(PARKED)}",
        f"<3>{json.dumps(BUG)}",
        json.dumps(OLD),
        "<3>store-agent: The port 8750 cannot\x9b be used.",
        '{"event": "torn',
        '{"no": "event"}',
        '{"event": "x", "level": ["?"], "timestamp": 7, "words": 1, "sequences": 9}',
        "[" * 100_000,
    ]
)


@pytest.fixture(autouse=True)
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "Europe/Berlin")
        time.tzset()
        yield
    time.tzset()


def read(*options: str, text: str | bytes = LOG) -> Result:
    return CliRunner().invoke(app, ["log", "-", *options], input=text)


def shown(*options: str, text: str | bytes = LOG) -> list[str]:
    done = read(*options, text=text)
    assert done.exit_code == 0, done.output
    return done.stdout.splitlines()


def test_lines_are_told_in_words_with_local_time_and_what_they_are_about() -> None:
    assert shown()[:9] == [
        "2026-03-01 13:00:00 It has started.",
        "2026-03-01 14:02:08 DEBUG Sale 17 was taken. "
        "[sequence 17, terminal lane-1, transaction_id T-17, pos_request_id P-1]",
        "2026-03-01 14:02:09 DEBUG A call to the platform ended. [sequences 16, 17, request_id R-1]",
        "2026-03-01 14:02:11 WARNING The platform refused a sale. [sequence 17, request_id R-1]",
        "2026-03-01 14:05:00 ERROR A request failed. (ValueError: br�[2Joken) [terminal lane-2]",
        "2026-03-01 14:06:00 chore.recovered: chore backup, tries 3",
        "2026-03-01 14:06:00 ERROR store-agent: The port 8750 cannot� be used.",
        '2026-03-01 14:06:00 {"event": "torn',
        '2026-03-01 14:06:00 {"no": "event"}',
    ]
    assert len(shown()) == 11


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        (("--sequence", "17"), [1, 2, 3]),
        (("--sequence", "16"), [2]),
        (("--terminal", "lane-2"), [4]),
        (("--request-id", "R-1"), [2, 3]),
        (("--request-id", "P-1"), [1]),
        (("--level", "warning"), [3, 4, 6]),
        (("--level", "error", "--terminal", "lane-1"), []),
        (("--since", "2026-03-01T14:05", "--level", "error"), [4, 6]),
        (("--since", "2026-03-01T13:05:30Z"), [5, 6, 7, 8, 9, 10]),
        (("--lines", "2", "--sequence", "17"), [2, 3]),
    ],
)
def test_lines_are_chosen_by_what_they_are_about(options: tuple[str, ...], numbers: list[int]) -> None:
    everything = shown()
    assert shown(*options) == [everything[number] for number in numbers]


def test_for_a_script_each_line_is_its_json() -> None:
    found = [json.loads(line) for line in shown("--json")]
    assert found[:6] == [STARTED, TAKEN, SENT, PARKED, BUG, OLD]
    assert found[6] == {
        "timestamp": "2026-03-01T13:06:00+00:00", "level": "error", "event": None,
        "words": "store-agent: The port 8750 cannot\x9b be used.",
    }  # fmt: skip


def test_nothing_but_the_newest_lines_unless_somebody_asks() -> None:
    many = "\n".join(json.dumps({**STARTED, "words": f"Line {number}."}) for number in range(300))
    assert shown(text=many)[0].endswith("Line 200.")
    assert len(shown("--since", "2026-03-01", text=many)) == 300


def test_bytes_that_are_no_text_do_not_end_it() -> None:
    assert shown(text=b"\xff\xfe\0\n" + json.dumps(STARTED).encode()) == ["���", "2026-03-01 13:00:00 It has started."]
    assert read(text=b"").stderr == "The log holds nothing that fits.\n"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2h", "2026-03-01T12:30:00+01:00"),
        ("14:05", "2026-03-01T14:05:00+01:00"),
        ("23:59:58", "2026-02-28T23:59:58+01:00"),
        ("2026-02-01", "2026-02-01T00:00:00+01:00"),
        ("2026-02-01T10:00:00Z", "2026-02-01T11:00:00+01:00"),
    ],
)
def test_a_moment_is_written_in_many_ways(text: str, moment: str) -> None:
    now = datetime.fromisoformat("2026-03-01T14:30:00+01:00")
    assert parse_moment(text, now) == datetime.fromisoformat(moment)


@pytest.mark.parametrize("text", ["soon", "25:00", "999999999d", "0001-01-01", ""])
def test_what_is_no_moment_is_refused_in_words(text: str) -> None:
    done = read("--since", text)
    assert done.exit_code == 2 or (text == "0001-01-01" and done.exit_code == 0)
    assert "Traceback" not in done.output


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.datetimes().map(str),
    lambda inner: st.lists(inner, max_size=3),
)
OBJECTS = st.dictionaries(
    st.sampled_from(
        ["event", "level", "timestamp", "words", "sequence", "sequences", "terminal", "exception", "MESSAGE"]
    ),
    VALUES,
)


@settings(max_examples=50)
@given(st.text() | OBJECTS.map(json.dumps))
def test_no_line_ends_it_whatever_it_holds(text: str) -> None:
    for line in (read_line(text), read_entry(text), read_entry(json.dumps({"MESSAGE": text, "PRIORITY": text}))):
        Wanted(since=0, sequence=1, terminal="x", request_id="y").takes(line)
        assert in_words(line).isprintable()
        assert isinstance(json.loads(as_json(line)), dict)


def journalctl(directory: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a journalctl of our own first; gives the file with what it was asked."""
    asked, program = directory / "asked", directory / "journalctl"
    program.write_text(f'#!/bin/sh\necho "$@" >> {asked}\n{script}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{directory}:{os.environ['PATH']}")
    return asked


def entry(message: Any, priority: int = 6) -> str:
    return json.dumps({"MESSAGE": message, "PRIORITY": str(priority), "__REALTIME_TIMESTAMP": "1772370131000000"})


def run(*options: str) -> Result:
    return CliRunner().invoke(app, ["log", *options])


def test_the_journal_of_the_unit_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "journal").write_text(
        "\n".join([
            entry("Started store-agent.service."), entry(json.dumps(PARKED), 4), entry([27, 91, 104, 255], 3),
            entry(None), entry([300]), "{torn",
        ])
    )  # fmt: skip
    asked = journalctl(tmp_path, f"cat {tmp_path}/journal", monkeypatch)
    done = run("--since", "2026-03-01T14:00")
    assert done.stdout.splitlines() == [
        "2026-03-01 14:02:11 Started store-agent.service.",
        "2026-03-01 14:02:11 WARNING The platform refused a sale. [sequence 17, request_id R-1]",
        "2026-03-01 14:02:11 ERROR �[h�",
        "2026-03-01 14:02:11 ",
        "2026-03-01 14:02:11 ",
        "2026-03-01 14:02:11 {torn",
    ]
    assert run("--follow", "--lines", "7").exit_code == 0
    assert run().exit_code == 0
    assert run("--terminal", "lane-1").exit_code == 0
    asked_for = [line.partition("--all --quiet ")[2] for line in asked.read_text().splitlines()[1::2]]
    assert asked_for == ["--lines=all --since=@1772370000", "--lines=7 --follow", "--lines=100", "--lines=all"]


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo No journal files were opened due to insufficient permissions. >&2; exit 1", "group"),
        ("echo 'Hint: You are currently not seeing messages from other users' >&2", "systemd-journal"),
        ("echo 'Failed to open the journal: \033[2J' >&2; exit 1", "The journal cannot be read: Failed"),
    ],
)
def test_a_journal_that_cannot_be_read_is_told_with_the_cure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, words: str
) -> None:
    journalctl(tmp_path, script, monkeypatch)
    failed = run().exception
    assert isinstance(failed, Unavailable)
    assert words in str(failed)
    assert "\033" not in str(failed)


def test_a_journal_that_breaks_off_is_told_and_not_taken_for_an_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journalctl(tmp_path, f"echo '{entry('It has started.')}'; case $* in *--all*) exit 1 ;; esac", monkeypatch)
    done = run("--since", "2026-03-01")
    assert done.stdout == "2026-03-01 14:02:11 It has started.\n"
    assert isinstance(done.exception, Unavailable)
    assert "journalctl ended with 1" in str(done.exception)


def test_the_journal_is_not_asked_for_times_before_1970(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = journalctl(tmp_path, "", monkeypatch)
    assert run("--since", "1969-12-31").exit_code == 0
    assert asked.read_text().splitlines()[1].endswith("--since=@0")


def test_without_a_journal_or_a_file_it_says_what_to_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "Name the file that the log goes to: store-agent log FILE" in str(run().exception)
    assert "cannot be read (No such file or directory)" in str(run(str(tmp_path / "nothing")).exception)


def test_a_file_is_followed_through_a_rotation_until_ctrl_c(tmp_path: Path) -> None:
    log = tmp_path / "agent.log"
    log.write_text(json.dumps(STARTED) + "\n")
    with subprocess.Popen(
        [*COMMAND, "log", "--follow", str(log)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as following:
        assert following.stdout is not None
        assert following.stdout.readline() == "2026-03-01 13:00:00 It has started.\n"
        log.rename(tmp_path / "agent.log.1")
        log.write_text(json.dumps(PARKED) + "\n")
        assert "The platform refused a sale." in following.stdout.readline()
        following.send_signal(signal.SIGINT)
        rest, said = following.communicate(timeout=20)
    assert (following.returncode, rest, said) == (0, "", "")


def test_a_reader_that_leaves_ends_it_quietly(tmp_path: Path) -> None:
    log = tmp_path / "agent.log"
    log.write_text((json.dumps(STARTED) + "\n") * 20_000)
    with subprocess.Popen(
        [*COMMAND, "log", "--since", "2026-03-01", str(log)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as reading:
        assert reading.stdout is not None
        assert reading.stdout.readline()
        reading.stdout.close()
        assert reading.stderr is not None
        assert reading.stderr.read() == b""


def test_a_time_of_day_to_come_is_yesterday_s() -> None:
    now = datetime.now().astimezone()
    soon = now + timedelta(minutes=5)
    assert parse_moment(f"{soon:%H:%M}", now) <= now
