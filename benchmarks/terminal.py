"""A program in a pseudo terminal of its own, and the picture that it draws there, read as a person would."""

import codecs
import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from benchmarks.servers import ROOT

LINES, COLUMNS = 24, 80
SECONDS_MAX = 20.0
_READ_BYTES = 65_536
HEAD = 2
"""Lines above every screen: heading and the ways to the screens."""

CURSOR_COLUMN = 1
"""A column that the cursor of every list covers."""

_PARTS = re.compile(
    r"\x1b\[(\d+);(\d+)H|\x1b\[([\d;]*)m|\x1b\[[0-9;?<>=]*[ -/]*[@-~]|\x1b\][^\x07]*\x07|[\r\n]|[^\x1b\r\n]+"
)
"""What Textual writes: moves, styles, other orders, and letters."""

_UNFINISHED = re.compile(r"\x1b(\[[0-9;?<>=]*|\][^\x07]*)?$")
_COLOUR = re.compile(r"[34]8;(5;\d+|2;\d+;\d+;\d+)")


class Picture:
    """The letters on a screen, and where they stand in reverse video, as a cursor in a list does."""

    def __init__(self) -> None:
        self._letters = [[" "] * COLUMNS for _ in range(LINES)]
        self._reversed = [[False] * COLUMNS for _ in range(LINES)]
        self._line = self._column = 0
        self._reverse = False
        self._rest = ""

    def __contains__(self, words: str) -> bool:
        return any(words in line for line in self.lines)

    @property
    def lines(self) -> list[str]:
        return ["".join(letters) for letters in self._letters]

    @property
    def cursor(self) -> tuple[int, str] | None:
        """Return the line with the cursor of a list, and its letters."""
        line = next((at for at in range(HEAD, LINES - 1) if self._reversed[at][CURSOR_COLUMN]), None)
        return None if line is None else (line, "".join(self._letters[line]))

    def draw(self, received: str) -> None:
        """Take what was written; an order may arrive in two pieces."""
        text = self._rest + received
        unfinished = _UNFINISHED.search(text)
        end = len(text) if unfinished is None else unfinished.start()
        self._rest = text[end:]
        for part in _PARTS.finditer(text, 0, end):
            self._take(part)

    def _take(self, part: re.Match[str]) -> None:
        line, column, style = part.groups()
        if line is not None:
            self._line, self._column = int(line) - 1, int(column) - 1
        elif style is not None:
            self._reverse = "7" in _COLOUR.sub("", style).split(";")
        elif part[0] == "\r":
            self._column = 0
        elif part[0] == "\n":
            self._line = min(LINES - 1, self._line + 1)
        elif not part[0].startswith("\x1b"):
            self._write(part[0])

    def _write(self, text: str) -> None:
        start, self._column = self._column, min(COLUMNS, self._column + len(text))
        fits = self._column - start
        self._letters[self._line][start : self._column] = text[:fits]
        self._reversed[self._line][start : self._column] = [self._reverse] * fits


class Terminal:
    """A running program, its picture, and the moment in seconds at which it was started."""

    def __init__(self, pid: int, file: int, begin: float) -> None:
        self.pid = pid
        self.begin = begin
        self.picture = Picture()
        self._file = file
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def press(self, keys: str) -> float:
        """Send what a terminal sends for keys; gives the moment."""
        begin = time.perf_counter()
        os.write(self._file, keys.encode())
        return begin

    def wait(self, seen: Callable[[Picture], object], since: float, seconds: float = SECONDS_MAX) -> float:
        """Read until the picture is as wanted; gives the seconds since a moment. Raises TimeoutError."""
        while not seen(self.picture):
            if time.perf_counter() - since > seconds:
                raise TimeoutError("\n".join(["not seen:", *self.picture.lines]))
            self._read(0.1)
        return time.perf_counter() - since

    def wait_for(self, words: str, since: float) -> float:
        """Read until the picture has some words; gives and raises as `wait`."""
        return self.wait(lambda picture: words in picture, since)

    def rest(self, seconds: float) -> None:
        """Go on reading for a time."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self._read(left)

    def _read(self, seconds: float) -> None:
        ready, _, _ = select.select([self._file], [], [], seconds)
        if ready:
            self.picture.draw(self._decoder.decode(os.read(self._file, _READ_BYTES)))


@contextlib.contextmanager
def opened(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> Iterator[Terminal]:
    """Run Python with arguments in a new terminal, until the context ends."""
    begin = time.perf_counter()
    pid, file = pty.fork()
    if pid == 0:
        _be_program(arguments, environment or {})
    try:
        yield Terminal(pid, file, begin)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(file)


def _be_program(arguments: Sequence[str], environment: Mapping[str, str]) -> None:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    surroundings = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT), **environment}
    os.execve(sys.executable, [sys.executable, *arguments], surroundings)  # noqa: S606 - the program to be measured
