"""The power of a real ext4 is cut under the real agent: what was answered is there after the next mount."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random

import pytest

from store_agent.sandbox.server import SandboxServer
from tests.power.cuts import Cuts
from tests.power.ext4 import NotHere, ext4_disk
from tests.support.agent import COMMAND

UNSYNCED = (sys.executable, "-m", "tests.power.unsynced_agent")
ROUNDS = 4

MakeCuts = Callable[..., Cuts]


@pytest.fixture
def make_cuts(tmp_path: Path, platform: SandboxServer) -> Iterator[MakeCuts]:
    """Make an agent on a disk of its own; skips where that cannot be."""
    with ExitStack() as stack:

        def make(command: tuple[str, ...] = COMMAND) -> Cuts:
            try:
                disk = stack.enter_context(ext4_disk(tmp_path))
            except NotHere as reason:
                pytest.skip(f"no file system whose power could be cut: {reason}")
            cuts = Cuts(disk, tmp_path / "agent", platform, command)
            stack.callback(cuts.close)
            return cuts

        yield make


def test_what_was_answered_survives_power_cuts_and_arrives_once_G1_G2_G3_G8(make_cuts: MakeCuts) -> None:
    tried = make_cuts().cut(ROUNDS, Random(5))  # noqa: S311 - cuts must repeat, not surprise
    assert tried.words == []
    assert tried.lost == tried.doubled == 0
    assert tried.acknowledged >= ROUNDS


def test_without_a_sync_at_each_commit_the_file_system_would_lose_sales_G1(make_cuts: MakeCuts) -> None:
    """The control: a log synced at checkpoints only."""
    tried = make_cuts(UNSYNCED).cut(1, Random(5), outage=True)  # noqa: S311 - cuts must repeat, not surprise
    assert tried.lost > 0
