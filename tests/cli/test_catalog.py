"""`catalog import` and `employees import`: a bar for whoever looks at a terminal, nothing of it anywhere else."""

import contextlib
import io
import os
import pty
import subprocess
from pathlib import Path

import pytest
from rich.console import Console
from rich.progress import Progress

from store_agent.cli import shelf
from tests.support.agent import COMMAND, AgentProcess

FILES = {"catalog": "item_id,name\n4711,Apple juice\n", "employees": "employee_id,first_name,last_name\n7,Ada,Byron\n"}


def file_for(command: str, directory: Path) -> Path:
    path = directory / f"{command}.csv"
    path.write_text(FILES[command])
    return path


def on_a_terminal(agent: AgentProcess, *arguments: str) -> tuple[int, str, str]:
    """Run a command whose standard error is a terminal; gives exit code, standard output, and what the terminal got."""
    ours, theirs = pty.openpty()
    command = [*COMMAND, *arguments, "-c", str(agent.config)]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, text=True, env=environment) as process:
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # how Linux tells that the other end of a terminal is closed
            while piece := os.read(ours, 65_536):
                shown += piece
        os.close(ours)
        assert process.stdout is not None
        said = process.stdout.read()
    return process.returncode, said, shown.decode()


@pytest.mark.parametrize("command", FILES)
def test_a_terminal_shows_a_bar_and_a_pipe_nothing_of_it(agent: AgentProcess, tmp_path: Path, command: str) -> None:
    file = str(file_for(command, tmp_path))
    code, said, shown = on_a_terminal(agent, command, "import", file)
    assert code == 0, shown
    assert shelf.CHECKING in shown
    assert "Version 1 is in use" in said
    piped = agent.cli(command, "import", file)
    assert (piped.returncode, piped.stderr) == (0, "")
    assert piped.stdout.startswith("Nothing has changed")


def test_a_refusal_on_a_terminal_ends_the_bar_and_says_what_is_wrong(agent: AgentProcess, tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text("item_id,name\n4711,\n")
    code, said, shown = on_a_terminal(agent, "catalog", "import", str(file))
    assert (code, said) == (65, "")
    assert "line 2, name" in shown


def shown_at(*stages: dict[str, int] | None) -> tuple[Progress, str]:
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    with Progress(console=console, auto_refresh=False) as bar:
        bar.add_task(shelf.CHECKING, total=None)
        for stage in stages:
            shelf.advance(bar, stage)
        bar.refresh()
    assert isinstance(console.file, io.StringIO)
    return bar, console.file.getvalue()


def test_the_bar_follows_the_agent() -> None:
    bar, shown = shown_at(None, {"done": 0, "total": 0}, {"done": 2_000, "total": 8_000})
    assert bar.tasks[0].percentage == 25
    assert f"{shelf.STORING} " in shown


@pytest.mark.parametrize("stage", [None, {"done": 0, "total": 0}])
def test_without_numbers_no_share_is_made_up(stage: dict[str, int] | None) -> None:
    bar, shown = shown_at(stage)
    assert bar.tasks[0].total is None
    assert shelf.CHECKING in shown
    assert shelf.STORING not in shown
