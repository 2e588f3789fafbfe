"""Thousands of codes across kills, repetitions, newer states and checks printed ahead: unique, and stable for ever.

`python -m tests.codes` does the same with 100,000.
"""

import sys

from tests.codes.run import run
from tests.conftest import MakeAgent
from tests.support.agent import free_port

CODES = 2_000
KILLS = 5
BROKEN = (sys.executable, "-m", "tests.support.broken_agent")
FORGETFUL = (sys.executable, "-m", "tests.codes.forgetful_agent")


def nobody() -> str:
    """Where no platform is: what counts happens on the disk."""
    return f"http://127.0.0.1:{free_port()}"


def test_every_code_is_unique_and_stays_with_its_payment_through_kills_G1_G8(make_agent: MakeAgent) -> None:
    result = run(make_agent(nobody()).start(), CODES, seed=1, kills=KILLS)
    assert result.violations == []
    assert result.codes >= CODES
    assert min(result.counts[kind] for kind in ("ahead", "sale", "known", "voided", "again")) > 0


def test_an_agent_that_forgets_codes_printed_ahead_is_found_out_G8(make_agent: MakeAgent) -> None:
    """The control: the same course finds the codes that such an agent gives twice."""
    result = run(make_agent(nobody(), FORGETFUL).start(), CODES, seed=1, kills=0)
    assert any(" and now has " in words for words in result.violations)


def test_an_agent_that_answers_before_its_commit_is_found_out_by_the_kills_G1_G8(make_agent: MakeAgent) -> None:
    """The control: codes that were answered and not kept are given again as others."""
    result = run(make_agent(nobody(), BROKEN).start(), CODES // 2, seed=1, kills=KILLS)
    assert result.violations
