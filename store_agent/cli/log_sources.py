"""Where the lines of the log come from: the journal, a file, or standard input.

What is followed is followed by the programs that are there for it, journalctl and tail, which also cope with files that
are rotated.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from store_agent.cli.log_lines import Line, read_entry, read_line
from store_agent.domain.plain import plain
from store_agent.errors import Unavailable

UNIT = "store-agent.service"

LINE_BYTES_MAX = 1_048_576
"""A longer line is no line of a log; it is read in parts, so that it needs no memory."""

_NO_JOURNAL = "There is no journalctl on this machine. Name the file that the log goes to: store-agent log FILE"
_NO_RIGHT = (
    "You may not read the journal of this machine. Use sudo, or have yourself added to the group that may "
    "(sudo adduser {} systemd-journal), which counts from your next login."
)
_BROKE_OFF = (
    "The journal could not be read to its end (journalctl ended with {}). What was shown before is good; run "
    "journalctl --unit={} to see what it says."
)
_DENIED = ("insufficient permissions", "not seeing messages")
"""How journalctl says that there is more than this user may see."""


@contextmanager
def journal(since: float | None, last: int | None, *, follow: bool) -> Iterator[Iterator[Line]]:
    """Read the journal of the agent's unit, all of it, or from a moment on, or the last so many entries.

    `follow` waits for more behind them. Raises Unavailable where there is no journal, or
    this user may not read it; while it is read, where journalctl breaks off.
    """
    _check()
    which = [] if since is None else [f"--since=@{max(0, int(since))}"]  # it knows no time before 1970
    waiting = ["--follow"] if follow else []
    with _output_of([*_journalctl("--all", "--quiet", f"--lines={last or 'all'}"), *which, *waiting]) as process:
        yield map(read_entry, _whole(process))


@contextmanager
def file(path: Path, last: int | None, *, follow: bool) -> Iterator[Iterator[Line]]:
    """Read a file of lines; `-` is standard input. `follow` is as for the journal, `last` counts only with it.

    Raises Unavailable.
    """
    if path == Path("-"):
        yield map(read_line, _texts(sys.stdin.buffer))
        return
    try:
        stream = path.open("rb")
    except OSError as error:
        raise Unavailable(f"{path} cannot be read ({error.strerror}). Name the file that the log goes to.") from None
    with stream:
        if not follow:
            yield map(read_line, _texts(stream))
            return
    lines = f"--lines={last or '+1'}"
    with _output_of(["tail", "--follow=name", "--retry", lines, "--", str(path)]) as followed:
        yield map(read_line, _texts(_stream_of(followed)))


def _journalctl(*options: str) -> list[str]:
    return ["journalctl", f"--unit={UNIT}", "--output=json", "--no-pager", *options]


def _check() -> None:
    """Ask for one entry, to hear why there is none: journalctl says so on standard error, and waits for ever."""
    environment = {**os.environ, "LC_ALL": "C"}
    try:
        asked = subprocess.run(  # noqa: S603 - no part of it comes from outside
            _journalctl("--lines=1"), capture_output=True, text=True, errors="replace", check=False, env=environment
        )
    except FileNotFoundError:
        raise Unavailable(_NO_JOURNAL) from None
    if asked.stdout.strip():
        return
    if any(words in asked.stderr for words in _DENIED):
        raise Unavailable(_NO_RIGHT.format(os.environ.get("USER") or "NAME"))
    if asked.returncode:
        raise Unavailable(f"The journal cannot be read: {plain(asked.stderr.strip())}")


@contextmanager
def _output_of(command: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program for its output, for as long as that is wanted."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:  # noqa: S603 - see above
        try:
            yield process
        finally:
            process.terminate()


def _stream_of(process: subprocess.Popen[bytes]) -> IO[bytes]:
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    return process.stdout


def _whole(process: subprocess.Popen[bytes]) -> Iterator[str]:
    """Give all that a journalctl says. Raises Unavailable if it then ends with a failure."""
    yield from _texts(_stream_of(process))
    if code := process.wait():
        raise Unavailable(_BROKE_OFF.format(code, UNIT))


def _texts(stream: IO[bytes]) -> Iterator[str]:
    while text := stream.readline(LINE_BYTES_MAX):
        yield text.decode("utf-8", "replace")
