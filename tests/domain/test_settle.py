"""What an outcome does to its batch, and what a burst of refusals means: decided without input or output."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_agent.domain import burst
from store_agent.domain.batch import FrozenBatch, pieces
from store_agent.domain.burst import Burst
from store_agent.domain.outcome import (
    Delivered,
    Halted,
    Outcome,
    Pending,
    PlatformFailure,
    Refused,
    Throttled,
    TooLarge,
    Transport,
)
from store_agent.domain.settle import PLATFORM_FAILURES_MAX, Deliver, Keep, Park, Split, decide

DOUBTS = [Transport("w"), Throttled("w", 1.0), Halted("w", "c"), Pending("w")]


def batch(*members: int, failures: int = 0, refused_before: bool = False) -> FrozenBatch:
    return FrozenBatch(1, "r", "e", b"", 100, members, failures, refused_before)


@given(st.lists(st.integers(), min_size=2, max_size=10))
def test_pieces_are_smaller_and_lose_nobody_G6(members: list[int]) -> None:
    parts = pieces(members)
    assert [member for part in parts for member in part] == members
    assert all(0 < len(part) < len(members) for part in parts)


def calls_for_one_culprit(size: int, culprit: int) -> int:
    """Count the calls after the refused one until the culprit stands alone and everybody else is delivered."""
    waiting, calls = [tuple(range(size))], 0
    while waiting:
        members = waiting.pop()
        calls += 1
        if culprit in members and len(members) > 1:
            waiting += pieces(members)
    return calls - 1


@pytest.mark.parametrize("size", range(2, 11))
def test_a_culprit_costs_few_calls_more_wherever_it_stands_G6(size: int) -> None:
    assert all(calls_for_one_culprit(size, culprit) <= 2 * math.log2(10) + 1 for culprit in range(size))


@pytest.mark.parametrize("outcome", DOUBTS)
@pytest.mark.parametrize("blamed", [True, False])
def test_doubt_never_ends_a_batch_G3(outcome: Outcome, *, blamed: bool) -> None:
    assert isinstance(decide(outcome, batch(1, 2, failures=10**6), blamed=blamed), Keep)


def test_definite_answers_end_a_batch() -> None:
    assert isinstance(decide(Delivered(), batch(1, 2), blamed=False), Deliver)
    assert isinstance(decide(TooLarge("w"), batch(1), blamed=False), Park)
    assert decide(Refused("w", "s", ("a.b",)), batch(1), blamed=False, burst=(9, 1)) == Park("w", "s", ("a.b",), (9, 1))
    for outcome in (Refused("w"), TooLarge("w")):
        split = decide(outcome, batch(1, 2, 3), blamed=False)
        assert isinstance(split, Split)
        assert split.parts == ((1,), (2, 3))


def test_a_failing_platform_gets_the_same_request_a_few_times_then_smaller_ones_G6() -> None:
    decided = [
        decide(PlatformFailure("w"), batch(1, 2, failures=failures), blamed=True)
        for failures in range(PLATFORM_FAILURES_MAX)
    ]
    assert [type(one) for one in decided] == [Keep] * (PLATFORM_FAILURES_MAX - 1) + [Split]
    assert isinstance(decide(PlatformFailure("w"), batch(1, failures=10**6), blamed=True), Keep)


def test_a_platform_that_fails_for_everything_splits_nothing_G3() -> None:
    kept = decide(PlatformFailure("w"), batch(1, 2, failures=10**6), blamed=False)
    assert kept == Keep("w", "", rests=True)


def test_only_what_may_have_arrived_is_in_doubt_G3() -> None:
    assert decide(Transport("w"), batch(1), blamed=False) == Keep("w", "")
    assert decide(Pending("w"), batch(1), blamed=False) == Keep("w", "", rests=True)
    assert decide(Throttled("w", None), batch(1), blamed=False) == Keep("w", "")


def test_a_halted_call_is_no_attempt() -> None:
    assert decide(Halted("w", "c"), batch(1), blamed=False) == Keep("w", "", counts=False)


def refuse(seen: Burst, sequence: int, most: int = 3, *, before: bool = False) -> Burst:
    return burst.after(seen, Refused("w"), batch(sequence, refused_before=before), most)


def test_lone_refusals_in_a_row_become_a_burst_G6() -> None:
    seen = Burst()
    for sequence in (1, 2):
        seen = refuse(seen, sequence)
        assert not seen.reached(3)
    seen = refuse(seen, 3)
    assert seen.reached(3)
    assert seen.unmarked == (1, 2, 3)
    assert refuse(seen.marked(), 4, before=True).unmarked == (4,), "once it is a burst, all belong to it"


def test_one_sale_taken_ends_a_burst_G6() -> None:
    seen = refuse(refuse(Burst(), 1), 2)
    assert burst.after(seen, Delivered(), batch(9), 3) == Burst()


def test_refused_batches_and_sales_refused_before_are_no_burst_G6() -> None:
    assert burst.after(Burst(), Refused("w"), batch(1, 2), 3) == Burst()
    assert refuse(Burst(), 1, before=True) == Burst()
    assert burst.after(Burst(), PlatformFailure("w"), batch(1), 3) == Burst()


@given(st.lists(st.sampled_from([Refused("w"), TooLarge("w"), Transport("w"), Pending("w")]), max_size=60))
def test_a_burst_never_remembers_more_than_it_needs_G11(outcomes: list[Outcome]) -> None:
    seen = Burst()
    for sequence, outcome in enumerate(outcomes):
        seen = burst.after(seen, outcome, batch(sequence), 5)
        if seen.reached(5):
            seen = seen.marked()
        assert len(seen.unmarked) < 5
        assert seen.count <= 5
