"""The line, the pace and the size of requests follow what the platform answers: decided without input or output."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_agent.domain import pace, sizing
from store_agent.domain.backoff import Backoff
from store_agent.domain.batch import BatchLimits, FrozenBatch
from store_agent.domain.link import (
    PLATFORM_STREAK_MAX,
    REPLIES_LOST_MAX,
    Link,
    LinkRules,
    LinkState,
    after,
    blames,
)
from store_agent.domain.outcome import (
    Delivered,
    Halted,
    Loss,
    Outcome,
    Pending,
    PlatformFailure,
    Refused,
    Throttled,
    TooLarge,
    Transport,
)
from store_agent.domain.pace import Pace
from store_agent.domain.sizing import BYTES_MIN, GROW_AFTER, Sizing

UP = Link(since=5.0, contacted=True)
LOST = Transport("lost", loss=Loss.REPLY)
ANY = [
    Delivered(),
    Transport("w"),
    LOST,
    Transport("w", loss=Loss.TIME),
    Throttled("w", 1.0),
    Halted("w", "c"),
    Pending("w"),
    PlatformFailure("w"),
    TooLarge("w"),
    Refused("w"),
]


@given(st.integers(1, 10**6), st.floats(0, 1), st.floats(0, 100))
def test_a_delay_stays_between_nothing_and_the_cap(failures: int, chance: float, spread: float) -> None:
    backoff = Backoff(spread=spread)
    assert 0 <= backoff.delay(failures, chance) <= backoff.cap


def test_delays_double_up_to_the_cap() -> None:
    assert [Backoff(0.5, 30).delay(failures, 1.0) for failures in (1, 2, 3, 6, 7, 1_000_000)] == [0.5, 1, 2, 16, 30, 30]


def test_from_the_second_failure_on_the_stores_of_a_chain_are_spread() -> None:
    backoff = Backoff(0.5, 30, spread=20)
    assert [backoff.delay(failures, 1.0) for failures in (1, 2, 6, 7)] == [0.5, 20, 20, 30]
    assert Backoff(0.5, 10, spread=20).delay(2, 1.0) == 10


def seen(outcome: Outcome, link: Link | None = None) -> tuple[Link, float]:
    return after(link or Link(since=5.0), outcome, wall=100.0, chance=1.0, rules=LinkRules())


def test_the_line_follows_what_happens() -> None:
    down, wait = seen(Transport("no line"))
    assert (down.state, down.since, down.reason, wait) == (LinkState.BACKING_OFF, 100.0, "no line", 0.5)
    still, wait = after(down, Transport("no line"), wall=200.0, chance=1.0, rules=LinkRules())
    assert (still.since, wait) == (100.0, 1.0)
    stopped, wait = seen(Halted("bad secret", "change it"), still)
    for nothing in (Transport("no line"), Throttled("wait", 1.0), PlatformFailure("500"), Pending("w")):
        assert seen(nothing, stopped) == (stopped, 300.0), "only an answer tells that it is mended"
    assert (stopped.state, stopped.cure, wait) == (LinkState.HALTED, "change it", 300.0)
    up, wait = seen(Delivered(), stopped)
    assert (up.state, up.reason, up.failures, wait) == (LinkState.ONLINE, "", 0, 0.0)


@pytest.mark.parametrize(("asked", "wait"), [(7.0, 7.5), (10.0**9, 300.0), (-5.0, 0.5), (0.0, 0.5), (None, 0.5)])
def test_a_throttling_platform_is_obeyed_within_reason(asked: float | None, wait: float) -> None:
    link, waited = seen(Throttled("wait", asked))
    assert (link.state, waited) == (LinkState.BACKING_OFF, wait)


def test_a_few_lost_replies_are_everyday_life_more_are_a_line_that_is_down() -> None:
    link = UP
    for _ in range(REPLIES_LOST_MAX - 1):
        link, wait = seen(LOST, link)
        assert (link.state, wait) == (LinkState.ONLINE, 0.0)
    assert seen(Delivered(), link)[0].replies_lost == 0
    assert seen(LOST, link)[0].state is LinkState.BACKING_OFF


@pytest.mark.parametrize("loss", [Loss.LINE, Loss.TIME])
def test_a_line_that_is_not_there_is_down_at_once(loss: Loss) -> None:
    assert seen(Transport("w", loss=loss), UP)[0].state is LinkState.BACKING_OFF
    assert seen(LOST)[0].state is LinkState.BACKING_OFF, "a line that never answered is not given the benefit"


def test_a_few_platform_failures_are_a_record_s_fault_many_in_a_row_the_platform_s() -> None:
    link = Link(since=0.0)
    for _ in range(PLATFORM_STREAK_MAX - 1):
        link, wait = seen(PlatformFailure("500"), link)
        assert (link.state, wait) == (LinkState.ONLINE, 0.0)
    link, wait = seen(PlatformFailure("500"), link)
    assert link.state is LinkState.BACKING_OFF
    assert wait > 0


def test_a_platform_that_answers_500_after_an_outage_is_a_line_that_is_up() -> None:
    down, _ = seen(Transport("no line"))
    link, _ = seen(PlatformFailure("500"), down)
    assert (link.state, link.platform_streak) == (LinkState.ONLINE, 1)


def test_a_record_is_blamed_for_a_500_only_where_it_can_be_its_fault_G3() -> None:
    assert blames(UP)
    assert not blames(replace(UP, platform_streak=1)), "the platform might fail for everything"
    assert not blames(replace(UP, contacted=False))
    assert not blames(replace(UP, state=LinkState.BACKING_OFF))


@given(st.lists(st.sampled_from(ANY), max_size=200), st.integers(1, 16))
def test_the_pace_stays_between_one_and_the_ceiling_G11(outcomes: list[Outcome], ceiling: int) -> None:
    now = Pace()
    for outcome in outcomes:
        now = pace.after(now, outcome, ceiling)
        assert 1 <= now.requests <= ceiling


def test_the_pace_grows_by_one_a_round_and_is_halved_by_a_bad_answer() -> None:
    now, grown = Pace(), []
    for _ in range(20):
        now = pace.after(now, Delivered(), 4)
        grown.append(now.requests)
    assert grown[:9] == [2, 2, 2, 3, 3, 3, 4, 4, 4]
    assert grown[-1] == 4
    assert pace.after(Pace(4.0), Throttled("w", None), 4).requests == 2
    assert pace.after(Pace(4.0), Pending("w"), 4) == Pace(4.0)


MOST = BatchLimits(10, 1_000_000)


def batch(members: int, size: int = 30_000) -> FrozenBatch:
    return FrozenBatch(1, "r", "e", b"", size, tuple(range(members)))


def sized(outcome: Outcome, of: FrozenBatch, now: Sizing | None = None, *, line_up: bool = True) -> Sizing:
    return sizing.after(now or Sizing(MOST), outcome, of, MOST, line_up=line_up)


def test_a_request_that_is_too_large_makes_the_next_ones_smaller_G5() -> None:
    assert sized(TooLarge("w"), batch(10)).limits == BatchLimits(5, 15_000)
    assert sized(TooLarge("w"), batch(1)).limits == BatchLimits(10, 15_000), "one sale says nothing about the number"
    assert sized(TooLarge("w"), batch(2, 100)).limits.bytes_max == BYTES_MIN


def test_a_time_out_makes_requests_smaller_only_where_size_can_be_the_cause_G5() -> None:
    late = Transport("w", loss=Loss.TIME)
    assert sized(late, batch(10)).limits.count_max == 5
    assert sized(late, batch(1)).limits == MOST
    assert sized(late, batch(10), line_up=False).limits == MOST
    assert sized(Transport("w"), batch(10)).limits == MOST


def test_requests_grow_back_one_sale_at_a_time_when_full_ones_are_delivered_G5() -> None:
    now = Sizing(BatchLimits(5, 15_000))
    for _ in range(GROW_AFTER - 1):
        now = sized(Delivered(), batch(5), now)
        assert now.limits.count_max == 5
    now = sized(Delivered(), batch(5), now)
    assert now.limits == BatchLimits(6, 18_750)
    small = sized(Delivered(), batch(1, 100), now)
    assert small == now, "a small request proves nothing"


@given(st.lists(st.tuples(st.sampled_from(ANY), st.integers(1, 10), st.integers(1, 2_000_000)), max_size=100))
def test_the_size_stays_within_what_is_configured_G5(history: list[tuple[Outcome, int, int]]) -> None:
    now = Sizing(MOST)
    for outcome, members, size in history:
        now = sized(outcome, batch(members, size), now)
        assert 1 <= now.limits.count_max <= MOST.count_max
        assert BYTES_MIN <= now.limits.bytes_max <= MOST.bytes_max
