"""Hundreds of simulated histories keep every guarantee, the same way each time."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulation.folder import Folder, open_folder
from tests.simulation.run import CHUNK, run_chunk, run_seed

ROOT = Path(__file__).parents[2]

SEEDS = int(os.environ.get("SIMULATION_SEEDS", "500"))


@pytest.fixture
def folder() -> Iterator[Folder]:
    with open_folder() as opened:
        yield opened


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_seeds_keep_every_guarantee_G2_G3_G4_G5_G6_G8_G10(first: int) -> None:
    summary = run_chunk(range(first, min(first + CHUNK, SEEDS)))
    assert summary.failures == [], "\n".join(map(str, summary.failures))


@pytest.mark.parametrize("seed", [3, 18, 38])
def test_the_same_seed_is_the_same_history(seed: int, folder: Folder) -> None:
    first = run_seed(seed, folder)
    again = run_seed(seed, folder)
    assert first.trace.lines() == again.trace.lines()
    assert first.trace.digest() != run_seed(seed + 1, folder).trace.digest()


def test_a_seed_is_the_same_history_in_another_process(folder: Folder) -> None:
    """Neither addresses nor the order of sets may have a say; both differ from process to process."""
    command = [sys.executable, "-m", "tests.simulation", "--seed", "38"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | {"PYTHONHASHSEED": "77"}, capture_output=True, check=True)
    found = re.search(r"trace (\w+)", done.stdout.decode())
    assert found is not None
    assert found[1] == run_seed(38, folder).trace.digest()
