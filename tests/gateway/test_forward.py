"""A call is made within its deadline, and once more only where that is safe."""

import pytest

from store_agent.domain.outcome import Halted, Pending, PlatformFailure, Refused, Throttled, Transport
from store_agent.domain.reply import Reply
from store_agent.gateway import forward as module
from store_agent.gateway.breaker import Breaker
from store_agent.gateway.forward import Forward
from tests.gateway.far import BROKE, DOWN, GATEWAY, PORTAL, SILENT, MadeUpLine, MadeUpPlatform, good
from tests.support.hands import HandSetClock

DEADLINE = 3.0
PENDING = Reply(Pending("Working on it."), 200, b"{}")
BAD_GATEWAY = Reply(Transport("A gateway answers 502."), 502, b'{"status": "Error"}')


@pytest.fixture
def clock() -> HandSetClock:
    return HandSetClock()


@pytest.fixture
def line() -> MadeUpLine:
    return MadeUpLine()


@pytest.fixture
def forward(line: MadeUpLine, clock: HandSetClock) -> Forward:
    return Forward(Breaker(line, clock, shared=True), clock, DEADLINE)


@pytest.mark.parametrize("repeatable", [True, False])
async def test_a_call_that_is_answered_is_made_once(forward: Forward, clock: HandSetClock, *, repeatable: bool) -> None:
    platform = MadeUpPlatform(clock, good())
    assert await forward.ask(platform.call, repeatable=repeatable) == good()
    assert platform.allowed == [DEADLINE]


async def test_while_the_line_is_down_nothing_is_asked_and_nothing_sent(
    forward: Forward, clock: HandSetClock, line: MadeUpLine
) -> None:
    line.goes_down()
    platform = MadeUpPlatform(clock, good())
    assert await forward.ask(platform.call, repeatable=True) == Reply(Transport("The line is down."), sent=False)
    assert platform.allowed == []


@pytest.mark.parametrize("first", [DOWN, BROKE, PORTAL, GATEWAY, PENDING])
async def test_a_connection_that_broke_is_worth_another_try_in_what_is_left(
    forward: Forward, clock: HandSetClock, line: MadeUpLine, first: Reply
) -> None:
    platform = MadeUpPlatform(clock, first, good(), takes=1.0)
    assert await forward.ask(platform.call, repeatable=True) == good()
    assert platform.allowed == [DEADLINE, DEADLINE - 1.0]
    assert line.heard == []


@pytest.mark.parametrize("first", [BROKE, PORTAL, GATEWAY, PENDING])
async def test_what_must_not_be_done_twice_is_not_asked_twice_once_it_was_sent_G9(
    forward: Forward, clock: HandSetClock, first: Reply
) -> None:
    platform = MadeUpPlatform(clock, first, good())
    assert await forward.ask(platform.call, repeatable=False) == first
    assert len(platform.allowed) == 1


async def test_what_must_not_be_done_twice_is_asked_again_if_nothing_was_sent(
    forward: Forward, clock: HandSetClock
) -> None:
    assert await forward.ask(MadeUpPlatform(clock, DOWN, good()).call, repeatable=False) == good()


async def test_asking_twice_what_must_not_be_done_twice_would_be_noticed_G9(
    forward: Forward, clock: HandSetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: everything may go again."""
    monkeypatch.setattr(module, "_may_go_again", lambda reply, *, repeatable: True)
    platform = MadeUpPlatform(clock, BROKE, good())
    await forward.ask(platform.call, repeatable=False)
    assert len(platform.allowed) == 2


@pytest.mark.parametrize(
    "reply",
    [
        SILENT,
        BAD_GATEWAY,
        Reply(Halted("Not you.", "Mend it."), 401, b"{}"),
        Reply(Throttled("Wait.", 5), 429),
        Reply(PlatformFailure("500"), 500),
        Reply(Refused("No."), 400, b"{}"),
    ],
)
async def test_what_another_try_would_not_mend_is_not_tried_again(
    forward: Forward, clock: HandSetClock, reply: Reply
) -> None:
    platform = MadeUpPlatform(clock, reply, good())
    assert await forward.ask(platform.call, repeatable=True) == reply


@pytest.mark.parametrize(("takes", "calls"), [(1.4, 2), (1.5, 1), (2.9, 1), (60.0, 1)])
async def test_no_other_try_is_begun_when_half_of_the_time_is_gone(
    forward: Forward, clock: HandSetClock, takes: float, calls: int
) -> None:
    platform = MadeUpPlatform(clock, BROKE, takes=takes)
    began = clock.monotonic()
    await forward.ask(platform.call, repeatable=True)
    assert len(platform.allowed) == calls
    assert clock.monotonic() - began <= DEADLINE


async def test_what_may_have_arrived_at_the_first_try_may_have_arrived_G3(
    forward: Forward, clock: HandSetClock
) -> None:
    """The second try finds nobody, but the first one may have been read."""
    reply = await forward.ask(MadeUpPlatform(clock, BROKE, DOWN).call, repeatable=True)
    assert (reply.outcome, reply.sent) == (DOWN.outcome, True)
    unsent = await forward.ask(MadeUpPlatform(clock, DOWN, DOWN).call, repeatable=True)
    assert not unsent.sent


async def test_the_breaker_learns_from_the_end_of_a_call(
    forward: Forward, clock: HandSetClock, line: MadeUpLine
) -> None:
    await forward.ask(MadeUpPlatform(clock, DOWN, DOWN).call, repeatable=True)
    assert len(line.heard) == 1


async def test_a_wall_clock_that_jumps_changes_no_deadline_G14(forward: Forward, clock: HandSetClock) -> None:
    platform = MadeUpPlatform(clock, BROKE, takes=1.0)
    clock.at -= 1e6
    await forward.ask(platform.call, repeatable=True)
    assert platform.allowed == [DEADLINE, DEADLINE - 1.0]
