"""A short day of the soak, and controls: whatever it is there to find, it finds."""

import sys
from pathlib import Path

import pytest

from tests.soak.lines import LINE_FAULTS
from tests.soak.machines import MACHINE_FAULTS, why_not
from tests.soak.plan import QUIET, Day, Slot, plan
from tests.soak.report import lines
from tests.soak.run import Outcome, Soak, open_shop

SEED = 96
"""Its day has a kill, a restore, flipped bytes, disk errors and a full disk, beside an outage and refused sales."""

DAY_SECONDS = 12.0
QUIET_DAY_SECONDS = 1.5
RATE = 20.0

HURRIED = (sys.executable, "-m", "tests.soak.hurried_agent", "5")


def planted(bug: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "tests.soak.planted_agent", bug, "5")


def soak(directory: Path, program: tuple[str, ...], days: list[Day], day_seconds: float) -> Outcome:
    with open_shop(directory, program, SEED) as shop:
        return Soak(shop, day_seconds=day_seconds, rate=RATE, seed=SEED).live(days, lambda _: None)


def quiet_days(count: int) -> list[Day]:
    slot = Slot(QUIET, QUIET, QUIET_DAY_SECONDS, 1.0)
    return [Day(number, (slot,)) for number in range(1, count + 1)]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    path = tmp_path / "store"
    path.mkdir()
    return path


def test_a_day_with_faults_loses_and_doubles_nothing_G1_G2_G3_G8_G9_G12_G13(directory: Path) -> None:
    days = plan(SEED, 1, DAY_SECONDS, sorted({"clock", *why_not()}))
    outcome = soak(directory, HURRIED, days, DAY_SECONDS)
    assert not outcome.wrong, "\n".join(lines(outcome))
    assert outcome.counts["acknowledged"] > 0
    assert outcome.counts["delivered"] > 0
    assert outcome.deeds["day closed"] == 1
    assert outcome.lives > 1, "a day must end the agent at least once"
    assert outcome.refusals["disk_full"] > 0


def test_days_without_faults_are_well(directory: Path) -> None:
    """Guards the controls: what they find is what was planted."""
    outcome = soak(directory, HURRIED, quiet_days(3), QUIET_DAY_SECONDS)
    assert not outcome.wrong, "\n".join(lines(outcome))


def test_a_planted_loss_is_found_G2(directory: Path) -> None:
    outcome = soak(directory, planted("lose"), quiet_days(1), QUIET_DAY_SECONDS)
    assert outcome.wrong
    assert outcome.counts["lost"] > 0


def test_a_planted_double_is_found_G3(directory: Path) -> None:
    outcome = soak(directory, planted("double"), quiet_days(1), QUIET_DAY_SECONDS)
    assert outcome.wrong
    assert outcome.counts["doubled"] > 0


def test_a_planted_leak_is_found_G11(directory: Path) -> None:
    outcome = soak(directory, planted("leak"), quiet_days(5), QUIET_DAY_SECONDS)
    assert outcome.wrong
    assert any("memory grew" in words for words in outcome.words)
    assert any("handles grew" in words for words in outcome.words)


def test_the_same_seed_gives_the_same_days_with_all_faults() -> None:
    days = plan(1, 10, 60.0)
    assert days == plan(1, 10, 60.0)
    assert days != plan(2, 10, 60.0)
    slots = [slot for day in days for slot in day.slots]
    assert {slot.line for slot in slots} == set(LINE_FAULTS)
    assert {slot.machine for slot in slots} == set(MACHINE_FAULTS)
