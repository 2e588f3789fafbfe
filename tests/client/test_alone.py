"""The client stands on its own: a vendor can copy its directory, and needs httpx beside it."""

import shutil
import subprocess
import sys
from pathlib import Path

CLIENT = Path(__file__).parents[2] / "store_agent" / "client"

IMPORTED = """
import sys
before = set(sys.modules)
import {name}
print(*sorted(set(sys.modules) - before))
"""


def imported_with(name: str, directory: Path) -> set[str]:
    """Name the modules that an import brings, in a fresh process that starts in this directory."""
    command = [sys.executable, "-c", IMPORTED.format(name=name)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=directory)
    return set(done.stdout.split())


def test_it_brings_nothing_else_of_the_agent(tmp_path: Path) -> None:
    own = {name for name in imported_with("store_agent.client", tmp_path) if name.startswith("store_agent")}
    assert own
    assert {name for name in own if not name.startswith("store_agent.client")} == {"store_agent"}


def test_a_copy_of_the_directory_needs_only_httpx(tmp_path: Path) -> None:
    shutil.copytree(CLIENT, tmp_path / "agentclient", ignore=shutil.ignore_patterns("__pycache__"))
    brought = {name.partition(".")[0] for name in imported_with("agentclient", tmp_path)}
    with_httpx = {name.partition(".")[0] for name in imported_with("httpx", tmp_path)}
    assert brought - with_httpx - sys.stdlib_module_names == {"agentclient"}
