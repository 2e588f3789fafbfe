"""The screen in a real terminal, as a manager opens it: 80 by 24, with colours and without, on plain terminals."""

import os
import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from store_agent.sandbox.server import SandboxServer
from tests.support.agent import COMMAND, AgentProcess
from tests.tui.stock import sell

pytestmark = [
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux, which is the terminal here, is not installed"),
]

WITHIN_SECONDS = 60.0


class Tmux:
    """A terminal of 80 by 24 with a shell in it, on a server of its own."""

    def __init__(self, directory: Path) -> None:
        self._socket = directory / "tmux"
        environment = {**os.environ, "PS1": "$ ", "PYTHONPATH": str(Path.cwd())}
        self._do("new-session", "-d", "-x", "80", "-y", "24", "sh", environment=environment)

    def type(self, line: str) -> None:
        """Type a line, with Enter."""
        self._do("send-keys", "-l", line)
        self.press("Enter")

    def press(self, key: str) -> None:
        self._do("send-keys", key)

    @property
    def shown(self) -> str:
        """Give what is on the screen, with the codes of its colours."""
        return self._do("capture-pane", "-p", "-e")

    @property
    def text(self) -> str:
        """Give the letters on the screen."""
        return self._do("capture-pane", "-p")

    def shows(self, *words: str) -> str:
        """Wait until these words are on the screen; gives the screen."""
        return self.until(lambda: all(one in self.text for one in words), str(words))

    def until(self, reached: Callable[[], bool], wanted: str) -> str:
        end = time.monotonic() + WITHIN_SECONDS
        while not reached():
            assert time.monotonic() < end, f"wanted {wanted}, have\n{self.text}"
        return self.text

    def close(self) -> None:
        self._do("kill-server")

    def _do(self, *words: str, environment: dict[str, str] | None = None) -> str:
        command = ["tmux", "-S", str(self._socket), "-f", "/dev/null", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, timeout=20)
        return done.stdout


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Tmux]:
    made = Tmux(tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="module", autouse=True)
def outage(store: AgentProcess, platform: SandboxServer) -> None:
    platform.set_faults(["down"])
    sell(store, ["T-1", "T-2"])
    store.wait_for_link("backing_off")


def hues(shown: str) -> set[str]:
    """Give the colours on a screen that are no shade of grey: SGR 31 to 36 and their kin, or of the cube of 256."""
    codes = set(re.findall(r"\x1b\[(?:[0-9;]*;)?((?:3|4|9|10)[1-6]|[34]8;5;[0-9]+)m", shown))
    greys = {"0", "7", "8", "15", "16", "59", "102", "145", "188", "231", *map(str, range(232, 256))}
    return {code for code in codes if ";" not in code or code.rsplit(";", 1)[1] not in greys}


def opening(config: Path) -> str:
    return shlex.join([*COMMAND, "tui", "-c", str(config)])


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [("", True), ("NO_COLOR=1", False), ("TERM=screen", True), ("TERM=vt100 NO_COLOR=1", False)],
)
def test_the_state_is_in_words_and_the_terminal_is_restored(
    store: AgentProcess, terminal: Tmux, environment: str, *, coloured: bool
) -> None:
    terminal.type(f"echo before; {environment} {opening(store.config)}; echo left with $?")
    terminal.shows("OFFLINE since", "2 waiting", "Are sales safe?", "Yes.", "2 sales wait (21.40)", "q Quit")
    assert bool(hues(terminal.shown)) is coloured
    terminal.press("2")
    terminal.shows("STATE", "T-1", "T-2")
    terminal.press("q")
    shown = terminal.shows("left with 0")
    assert "before" in shown, "what stood there before is back"
    assert "STATE" not in shown
    terminal.type("echo $((40 + 2)) typed")
    terminal.shows("42 typed")


def test_a_bad_configuration_ends_with_one_message(terminal: Tmux, tmp_path: Path) -> None:
    config = tmp_path / "bad.toml"
    config.write_text('[store]\nstore_id = 7\ncolour = "blue"\n')
    terminal.type(f"clear; {opening(config)}; echo left with $?")
    shown = terminal.shows("left with 78")
    assert "colour" in shown
    assert "Traceback" not in shown
    terminal.type(f"clear; {opening(tmp_path / 'none.toml')}; echo ended with $?")
    assert "none.toml" in terminal.shows("ended with 78")


def test_the_demo_opens_the_screen_on_a_store_that_sells_and_ends_with_it(terminal: Tmux) -> None:
    terminal.type(f"clear; {shlex.join(COMMAND)} demo --screen; echo left with $?")
    terminal.shows("Are sales safe?", "Yes.", "q Quit")
    terminal.press("2")
    terminal.shows("STATE", "lane-")
    terminal.press("q")
    terminal.shows("left with 0")
