"""When chores are done: the one import of APScheduler.

APScheduler asks the machine's clock what time it is, and sleeps for a year if that is set back by a year. Here its
time is the monotonic clock, dressed as a time zone, so that no jump of the clock makes a chore come early or never
(G14).
"""

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine, Sequence
from contextvars import Context
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from typing import Protocol

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from store_agent.clock import Clock
from store_agent.errors import AgentError

FIRST_SECONDS_MAX = 60.0
"""When a chore is done for the first time, at the latest: machines may be switched off before an hour has passed."""

_log = structlog.get_logger("upkeep")


class Chore(Protocol):
    """Something to be done now and then; it raises what keeps it from being done."""

    async def run_once(self) -> None:
        """Do it."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """A chore, done every so many seconds, up to `jitter_seconds` later than that."""

    name: str
    chore: Chore
    every_seconds: float
    jitter_seconds: float = 0.0


@dataclass(slots=True)
class Done:
    """How a chore fares: when it last succeeded (seconds since 1970, None if never), and why it fails, if it does."""

    every_seconds: float
    succeeded_at: float | None = None
    problem: str = ""


class Schedule:
    """Does chores at their intervals, each for itself, never the same twice at once. A failure ends nothing."""

    def __init__(self, jobs: Sequence[Job], clock: Clock, chance: Callable[[], float] = random.random) -> None:
        self._jobs = jobs
        self._clock = clock
        self._chance = chance
        self._running: set[asyncio.Task[None]] = set()
        self._busy: set[str] = set()
        self._hurried: set[str] = set()
        self._stopped = False
        self._scheduler = AsyncIOScheduler(timezone=_Monotonic(clock))
        self.done = {job.name: Done(job.every_seconds) for job in jobs}

    def start(self) -> None:
        """Begin; on the running event loop."""
        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it warns each time that a chore is still being done
        for job in self._jobs:
            self._scheduler.add_job(
                partial(self._do, job),
                _Every(job, self._chance),
                id=job.name,
                name=job.name,
                max_instances=1,
                coalesce=True,
                misfire_grace_time=None,  # late is better than not at all
            )
        self._scheduler.start()

    async def stop(self) -> None:
        """Begin nothing more, cancel what is being done, and wait until it has ended. Safe to call again."""
        self._stopped = True
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def hurry(self, name: str) -> None:
        """Have a chore done now; if it is being done, once more after that. Never waits."""
        self._hurried.add(name)
        if not self._stopped:
            (job,) = [job for job in self._jobs if job.name == name]
            self._begin(self._do(job), name)

    async def _do(self, job: Job) -> None:
        """Do a chore, and again if it was hurried meanwhile; nothing if it is being done."""
        if job.name in self._busy:
            return
        self._busy.add(job.name)
        try:
            again = True
            while again and not self._stopped:
                self._hurried.discard(job.name)
                await asyncio.wait([self._begin(self._try(job), job.name)])
                again = job.name in self._hurried
        finally:
            self._busy.discard(job.name)

    def _begin(self, work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
        # Not in the context of a request that hurries it: it is done for everybody.
        task = asyncio.create_task(work, name=f"chore {name}", context=Context())
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def _try(self, job: Job) -> None:
        done = self.done[job.name]
        try:
            await job.chore.run_once()
        except Exception as error:  # noqa: BLE001 - whatever a chore cannot do must not end the agent
            if not done.problem:
                _note_failure(job.name, error)
            done.problem = str(error) or type(error).__name__
            return
        if done.problem:
            _log.info("chore.recovered", words=f"The chore {job.name} works again.", chore=job.name)
        done.problem, done.succeeded_at = "", self._clock.wall()


def _note_failure(chore: str, error: Exception) -> None:
    """Log why a chore fails, with a traceback unless it says itself what is the matter."""
    reason = str(error) or type(error).__name__
    words = f"The chore {chore} could not be done; it is tried again, and the agent goes on. {reason}"
    bug = None if isinstance(error, AgentError) else error
    _log.error("chore.failed", words=words, chore=chore, reason=reason, exc_info=bug)


class _Monotonic(tzinfo):
    """A zone in which `now` is the monotonic clock, counted from 1970."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def fromutc(self, _: datetime) -> datetime:
        """Tell the time, whatever UTC is said to be."""
        return datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=self) + timedelta(seconds=self._clock.monotonic())

    def utcoffset(self, _: datetime | None) -> timedelta:
        return timedelta(0)

    def dst(self, _: datetime | None) -> timedelta:
        return timedelta(0)

    def tzname(self, _: datetime | None) -> str:
        return "monotonic"


class _Every(BaseTrigger):  # type: ignore[misc]  # APScheduler has no type information
    """An interval from one start to the next, counted from now: what a sleeping machine missed stays missed."""

    def __init__(self, job: Job, chance: Callable[[], float]) -> None:
        self._job = job
        self._chance = chance

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """Give the next time; the first one comes soon."""
        wait = self._job.every_seconds + self._chance() * self._job.jitter_seconds
        return now + timedelta(seconds=wait if previous_fire_time else min(wait, FIRST_SECONDS_MAX))
