"""Chores are done at their intervals, whatever the clock says and whatever fails."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from store_agent.agent import schedule
from store_agent.agent.schedule import FIRST_SECONDS_MAX, Job, Schedule, _Every, _Monotonic
from store_agent.clock import SystemClock


class Chore:
    """Does what it is told, and tells when it was done often enough."""

    def __init__(self, work: Callable[[], Awaitable[Any]] | None = None, times: int = 3) -> None:
        self._work = work
        self._left = times
        self.enough = asyncio.Event()

    async def run_once(self) -> None:
        self._left -= 1
        if self._left == 0:
            self.enough.set()
        if self._work is not None:
            await self._work()


class JumpingClock(SystemClock):
    """A monotonic clock that can be turned on, as time goes on."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead


@asynccontextmanager
async def running(*jobs: Job) -> AsyncIterator[Schedule]:
    made = Schedule(jobs, SystemClock(), lambda: 0.0)
    made.start()
    yield made
    await made.stop()


async def test_chores_are_done_again_and_again() -> None:
    one, other = Chore(), Chore(times=1)
    async with running(Job("one", one, 0.001), Job("other", other, 0.002)) as made:
        await asyncio.wait_for(asyncio.gather(one.enough.wait(), other.enough.wait()), 10)
        assert made.done["one"].succeeded_at is not None
        assert made.done["one"].problem == ""


async def test_a_chore_that_fails_is_tried_again_and_told_of_and_ends_nothing() -> None:
    async def fail() -> None:
        raise OSError("no room")

    failing, other = Chore(fail), Chore()
    async with running(Job("failing", failing, 0.001), Job("other", other, 0.001)) as made:
        await asyncio.wait_for(asyncio.gather(failing.enough.wait(), other.enough.wait()), 10)
        assert made.done["failing"].problem == "no room"
        assert made.done["failing"].succeeded_at is None
        assert made.done["other"].problem == ""


async def test_a_chore_recovers() -> None:
    failures = iter([OSError("no room"), None, None])

    async def work() -> None:
        if (failure := next(failures, None)) is not None:
            raise failure

    chore = Chore(work)
    async with running(Job("some", chore, 0.001)) as made:
        await asyncio.wait_for(chore.enough.wait(), 10)
        assert made.done["some"].problem == ""


async def test_a_slow_chore_is_not_begun_twice_and_holds_up_no_other() -> None:
    begun, ever = [], asyncio.Event()

    async def slow() -> None:
        begun.append(1)
        await ever.wait()

    other = Chore(times=20)
    async with running(Job("slow", Chore(slow), 0.001), Job("other", other, 0.001)):
        await asyncio.wait_for(other.enough.wait(), 10)
    assert begun == [1]


async def test_stopping_ends_what_is_being_done() -> None:
    cancelled = []

    async def slow() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(1)
            raise

    chore = Chore(slow, times=1)
    async with running(Job("slow", chore, 0.001)) as made:
        await asyncio.wait_for(chore.enough.wait(), 10)
        await made.stop()
        assert cancelled == [1]


def test_the_first_time_comes_soon_and_the_next_ones_at_the_interval_with_jitter() -> None:
    now = datetime.now(_Monotonic(SystemClock()))
    trigger = _Every(Job("backup", Chore(), 3_600.0, jitter_seconds=360.0), lambda: 0.5)
    assert trigger.get_next_fire_time(None, now) == now + timedelta(seconds=FIRST_SECONDS_MAX)
    assert trigger.get_next_fire_time(now, now) == now + timedelta(seconds=3_780)


def jumped(monkeypatch: pytest.MonkeyPatch, back: timedelta) -> None:
    """Set the machine's clock back, as far as APScheduler can see."""

    class Jumped(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return tz.fromutc(datetime.now(tz)) if isinstance(tz, _Monotonic) else datetime.now(tz) - back

    monkeypatch.setattr("apscheduler.schedulers.base.datetime", Jumped)


async def test_a_jump_of_the_clock_stops_no_chore_G14(monkeypatch: pytest.MonkeyPatch) -> None:
    chore = Chore(times=5)
    async with running(Job("some", chore, 0.001)):
        jumped(monkeypatch, timedelta(days=365))
        await asyncio.wait_for(chore.enough.wait(), 10)


async def test_a_schedule_by_the_machine_s_clock_would_be_noticed_G14(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control for the test above: after a jump back, the next time is a year away."""
    done = []
    scheduler = AsyncIOScheduler(timezone="UTC")
    job = scheduler.add_job(lambda: done.append(1), IntervalTrigger(seconds=1, timezone="UTC"))
    scheduler.start()
    jumped(monkeypatch, timedelta(days=365))
    assert scheduler._process_jobs() > 300 * 86_400
    assert (done, job.id) == ([], job.id)
    scheduler.shutdown(wait=False)


def test_the_schedule_knows_only_the_monotonic_clock_G14() -> None:
    clock = JumpingClock()
    before = datetime.now(_Monotonic(clock))
    clock.ahead = 100.0
    passed = datetime.now(_Monotonic(clock)) - before
    assert timedelta(seconds=100) <= passed < timedelta(seconds=110)
    assert before.year < 2_000
    assert schedule._Monotonic(clock).tzname(None) == "monotonic"


async def test_a_chore_that_is_hurried_is_done_at_once_and_once_more_if_it_is_being_done() -> None:
    begun, going, runs = asyncio.Event(), asyncio.Event(), 0

    async def work() -> None:
        nonlocal runs
        runs += 1
        begun.set()
        await going.wait()

    chore = Chore(work, times=2)
    async with running(Job("some", chore, 3_600.0)) as made:
        made.hurry("some")
        await asyncio.wait_for(begun.wait(), 10)
        for _ in range(5):
            made.hurry("some")
        assert runs == 1, "never the same twice at once"
        going.set()
        await asyncio.wait_for(chore.enough.wait(), 10)
        await asyncio.gather(*made._running)
        assert runs == 2
    made.hurry("some")
    await asyncio.sleep(0)
    assert runs == 2, "nothing begins once it is stopped"
