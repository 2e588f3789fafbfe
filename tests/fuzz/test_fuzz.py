"""Some thousand fuzzed requests of a fixed seed; `python -m tests.fuzz` sends a million."""

import sys
from typing import Any

from tests.conftest import MakeAgent
from tests.fuzz.caller import CUT
from tests.fuzz.memory import GROWTH_BYTES_MAX, Memory
from tests.fuzz.mutate import Mutator
from tests.fuzz.recordings import recordings
from tests.fuzz.run import QUICK, run
from tests.support.agent import free_port

REQUESTS = 4_000
CALLERS = 4
FRAGILE = (sys.executable, "-m", "tests.support.fragile_agent")
NO_OPERATIONS: dict[str, Any] = {"paths": {}}


def nobody() -> str:
    """Where no platform is: what counts happens at the door."""
    return f"http://127.0.0.1:{free_port()}"


def test_no_fuzzed_request_meets_an_internal_error_and_memory_stays(make_agent: MakeAgent) -> None:
    result = run(make_agent(nobody(), api=QUICK).start(), REQUESTS, seed=1, callers=CALLERS)
    assert result.violations == []
    assert result.requests == REQUESTS
    assert {200, 400, 403, 404} <= set(result.counts)
    assert result.counts[CUT] < REQUESTS / 10


def test_an_agent_that_fails_inside_would_be_found_out(make_agent: MakeAgent) -> None:
    """The control: an agent that trips over a sale without items."""
    result = run(make_agent(nobody(), FRAGILE, api=QUICK).start(), REQUESTS // 4, seed=1, callers=CALLERS)
    assert any(": 500 to " in words for words in result.violations)


def test_memory_that_grows_would_be_found_out() -> None:
    """The control: a leak of somewhat more than is allowed, in steps."""
    steady, leaking = Memory(), Memory()
    for number in range(40):
        steady.samples.append((number, 100_000_000 + number % 3 * 2**20))
        leaking.samples.append((number, 100_000_000 + number * GROWTH_BYTES_MAX // 25))
    assert steady.violations == []
    assert leaking.violations


def test_the_same_numbers_make_the_same_request() -> None:
    made = [Mutator(recordings(NO_OPERATIONS), [("lane-1", "x")], seed) for seed in (1, 1, 2)]
    first, again, other = ([one.make(number).sent for number in range(100)] for one in made)
    assert first == again
    assert first != other
