"""A dead line costs a cashier nothing, and one slow answer is no dead line."""

import pytest

from store_agent.domain.link import LinkState
from store_agent.domain.outcome import Halted, Loss, PlatformFailure, Throttled, Transport
from store_agent.domain.reply import Reply
from store_agent.gateway.breaker import REST_SECONDS, SLOW_MAX, Breaker
from tests.gateway.far import BROKE, DOWN, GATEWAY, PORTAL, SILENT, MadeUpLine, good, refused
from tests.support.hands import HandSetClock

HALTED = Reply(Halted("Not you.", "Mend it."), 401, b"{}")
ANSWERS = [good(), refused(), HALTED, Reply(PlatformFailure("500")), Reply(Throttled("Wait.", 5))]


@pytest.fixture
def clock() -> HandSetClock:
    return HandSetClock()


@pytest.fixture
def line() -> MadeUpLine:
    return MadeUpLine()


@pytest.fixture
def shared(line: MadeUpLine, clock: HandSetClock) -> Breaker:
    return Breaker(line, clock, shared=True)


@pytest.fixture
def own(line: MadeUpLine, clock: HandSetClock) -> Breaker:
    return Breaker(line, clock, shared=False)


def test_while_the_drain_says_that_the_line_is_down_nothing_is_asked(
    own: Breaker, shared: Breaker, line: MadeUpLine
) -> None:
    assert (own.why_not, shared.why_not) == ("", "")
    line.goes_down()
    assert own.why_not == shared.why_not == "The line is down."


def test_a_halted_line_is_asked_since_a_refusal_comes_at_once(shared: Breaker, line: MadeUpLine) -> None:
    line.link = line.link.__class__(since=0.0, state=LinkState.HALTED, reason="Not you.")
    assert shared.why_not == ""


@pytest.mark.parametrize("reply", [DOWN, PORTAL, GATEWAY])
def test_the_drain_hears_at_once_that_nobody_is_there_or_somebody_else(
    shared: Breaker, line: MadeUpLine, reply: Reply
) -> None:
    shared.see(reply)
    (heard,) = line.heard
    assert isinstance(heard, Transport)
    assert heard.loss is Loss.LINE
    assert heard.words == getattr(reply.outcome, "words", None)


@pytest.mark.parametrize("reply", [BROKE, SILENT])
def test_the_drain_hears_of_silence_only_when_it_goes_on(shared: Breaker, line: MadeUpLine, reply: Reply) -> None:
    for _ in range(SLOW_MAX - 1):
        shared.see(reply)
    assert line.heard == []
    shared.see(reply)
    assert [outcome.loss for outcome in line.heard if isinstance(outcome, Transport)] == [Loss.LINE]


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_between_two_silences_is_an_answer(shared: Breaker, line: MadeUpLine, answer: Reply) -> None:
    for _ in range(3):
        shared.see(SILENT)
        shared.see(answer)
    assert not any(isinstance(outcome, Transport) for outcome in line.heard)


def test_what_the_platform_refuses_at_the_counter_never_holds_sales_back(shared: Breaker, line: MadeUpLine) -> None:
    """Whether this store may send sales is seen when it sends them."""
    for _ in range(SLOW_MAX):
        shared.see(HALTED)
    assert (line.heard, shared.why_not) == ([], "")


def test_another_upstream_rests_for_itself_and_is_asked_again(
    own: Breaker, line: MadeUpLine, clock: HandSetClock
) -> None:
    own.see(DOWN)
    assert line.heard == []
    clock.at -= 100_000  # the wall clock says nothing (G14)
    clock.passed += REST_SECONDS - 0.1
    assert own.why_not == "It refuses the connection."
    clock.passed += 0.1
    assert own.why_not == ""


def test_another_upstream_that_is_slow_once_does_not_rest(own: Breaker) -> None:
    own.see(SILENT)
    assert own.why_not == ""
    own.see(SILENT)
    assert own.why_not == "No answer in time."
