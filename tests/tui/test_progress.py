"""Rate, time left and share, from counts as they are seen."""

from hypothesis import given
from hypothesis import strategies as st

from store_agent.tui.progress import BACKLOG_MIN, RATE_SECONDS, SAMPLES_MAX, Progress


def draining(rate: int, left: int, seconds: int) -> Progress:
    """Let so many sales a second arrive, until so many are left after so many seconds."""
    progress = Progress()
    for second in range(seconds + 1):
        progress.see(float(second), left + rate * (seconds - second), 1_000 + rate * second)
    return progress


def test_before_anything_was_seen_there_is_nothing_to_tell() -> None:
    progress = Progress()
    assert (progress.rate, progress.rates, progress.seconds_left, progress.share) == (0.0, [], 0.0, None)


def test_one_look_tells_no_rate() -> None:
    progress = Progress()
    progress.see(1.0, 500, 0)
    assert (progress.rate, progress.seconds_left, progress.share) == (0.0, None, 0.0)


def test_a_steady_drain_tells_rate_time_and_share() -> None:
    progress = draining(rate=50, left=500, seconds=30)
    assert (progress.rate, progress.seconds_left, progress.share) == (50.0, 10.0, 0.75)
    assert progress.rates == [50.0] * 30


def test_the_rate_is_that_of_the_last_seconds() -> None:
    progress = draining(rate=100, left=500, seconds=30)
    for second in range(31, 31 + int(RATE_SECONDS)):
        progress.see(float(second), 500, 4_000)
    assert progress.rate == 0.0
    assert progress.seconds_left is None


def test_when_all_arrived_there_is_no_backlog_and_a_new_one_counts_anew() -> None:
    progress = draining(rate=50, left=0, seconds=10)
    assert (progress.seconds_left, progress.share) == (0.0, None)
    progress.see(11.0, 40, 1_500)
    assert progress.share == 0.0
    progress.see(12.0, 10, 1_530)
    assert progress.share == 0.75


def test_a_backlog_that_grows_is_less_done() -> None:
    progress = draining(rate=50, left=500, seconds=10)
    done = progress.share
    assert done is not None
    progress.see(11.0, 900, 1_500)
    assert progress.share == 1.0 - 900 / 1_000 < done


def test_a_few_on_their_way_are_no_backlog() -> None:
    progress = Progress()
    progress.see(1.0, BACKLOG_MIN - 1, 0)
    assert progress.share is None
    progress.see(2.0, BACKLOG_MIN, 0)
    assert progress.share == 0.0


def test_a_look_that_is_not_later_counts_for_nothing() -> None:
    progress = draining(rate=50, left=500, seconds=5)
    progress.see(5.0, 0, 10_000)
    progress.see(3.0, 0, 10_000)
    assert (progress.rate, progress.share) == (50.0, 1.0 - 500 / 750)


def test_counts_that_go_back_with_a_restored_database_are_no_negative_rate() -> None:
    progress = draining(rate=50, left=500, seconds=5)
    progress.see(6.0, 500, 0)
    assert progress.rate == 0.0
    assert progress.rates[-1] == 0.0


looks = st.lists(st.tuples(st.floats(0.01, 60.0), st.integers(0, 5_000), st.integers(0, 500)), max_size=150)


@given(looks)
def test_whatever_is_seen_the_numbers_make_sense(seen: list[tuple[float, int, int]]) -> None:
    progress, at, delivered = Progress(), 0.0, 0
    for wait, left, more in seen:
        at, delivered = at + wait, delivered + more
        progress.see(at, left, delivered)
        assert progress.rate >= 0.0
        assert progress.share is None or 0.0 <= progress.share <= 1.0
        assert progress.seconds_left is None or progress.seconds_left >= 0.0
        assert len(progress.rates) <= SAMPLES_MAX


@given(st.lists(st.integers(0, 100), min_size=1, max_size=50))
def test_while_nothing_is_sold_the_share_only_grows(steps: list[int]) -> None:
    progress, left = Progress(), sum(steps) + BACKLOG_MIN
    progress.see(0.0, left, 0)
    before = 0.0
    for second, arrived in enumerate(steps, 1):
        left -= arrived
        progress.see(float(second), left, 0)
        assert progress.share is not None
        assert progress.share >= before
        before = progress.share
