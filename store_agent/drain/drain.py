"""The loop of the drain: claim, freeze, send, settle; `lanes` tells whose turn it is, `line` what was learned."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import replace

import structlog
from structlog.contextvars import bind_contextvars

from store_agent.clock import Clock
from store_agent.domain.batch import FrozenBatch
from store_agent.domain.events import Tell
from store_agent.domain.link import Link, LinkState
from store_agent.domain.outcome import Delivered, Halted, Outcome
from store_agent.domain.settle import Decision, Deliver, Keep
from store_agent.domain.suspicion import in_question, tried
from store_agent.drain.in_hand import InHand
from store_agent.drain.lane import Lane
from store_agent.drain.lanes import Lanes
from store_agent.drain.line import Line, LineRules
from store_agent.drain.resting import Resting
from store_agent.drain.seams import Platform, Queue
from store_agent.drain.told import tell_answered, tell_settled
from store_agent.drain.unparking import Unparking
from store_agent.errors import Busy, StorageFailure

HEARTBEAT_SECONDS = 5.0
"""The loop looks around at least this often, so that a silent one is known to hang (G17)."""

STORAGE_RETRY_SECONDS = 1.0
"""Pause before what the disk did not take is tried again."""

_log = structlog.get_logger("drain")


class Drain:
    """Sends what waits, for as long as `run` runs.

    `chance` gives uniform numbers in 0 to 1, `tell` takes events, `cramped` tells whether the disk has hardly any room:
    then a request carries one sale, so that making it takes as little room as can be (G12).
    """

    def __init__(
        self,
        queue: Queue,
        platform: Platform,
        clock: Clock,
        *,
        chance: Callable[[], float],
        rules: LineRules,
        tell: Tell,
        cramped: Callable[[], bool] = lambda: False,
    ) -> None:
        self._queue = queue
        self._platform = platform
        self._clock = clock
        self._tell = tell
        self._line = Line(rules, clock, chance, tell)
        self._resting = Resting()
        self._lanes = Lanes(self._line, self._resting)
        self._unparking = Unparking(queue, self._line, tell, self.wake)
        self._sending: set[asyncio.Task[None]] = set()
        self._in_hand = InHand()
        self._failure = ""
        self._cramped = cramped
        self._wake = asyncio.Event()
        self._stopping = False
        self._adopting = False
        self._probing = False
        self._beat = clock.monotonic()

    @property
    def link(self) -> Link:
        """The line as last seen."""
        return self._line.link

    @property
    def live(self) -> bool:
        """Tell whether a sale that arrives now goes out at once."""
        return self._line.up or (self.link.state is LinkState.ONLINE and self._line.due)

    def wake(self, newest: int | None = None) -> None:
        """Say that something new waits: sales up to the sequence `newest`, or anywhere."""
        if self._lanes.wake(newest):
            self._wake.set()

    async def resume(self) -> int:
        """Try at once, whatever the line was: a person says that it is mended.

        What a burst of refusals parked goes out again; gives how many. Raises StorageFailure or Busy: it is done later.
        """
        self._line.resume()
        for batch in self._resting.wake_all():
            self._lanes.of(batch).ready.append(batch)
        self.wake()
        return await self._unparking.resume()

    def hear(self, outcome: Outcome) -> None:
        """Learn from a call at the counter that failed: both share one view of the line."""
        self._line.hear(outcome)
        self._wake.set()

    def adopt(self, newest: int) -> None:
        """Take what was stored as a request already; `newest` is its sequence."""
        self._adopting = True
        self.wake(newest)

    def use(self, platform: Platform) -> None:
        """Send what follows by another adapter of the platform: with new credentials, for example."""
        self._platform = platform

    def stalled_seconds(self) -> float:
        """Return for how long the loop has been silent beyond its heartbeat (G17)."""
        return max(0.0, self._clock.monotonic() - self._beat - HEARTBEAT_SECONDS)

    def stop(self) -> None:
        """End soon: answers at hand are written down, requests in flight are left to be sent again."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Drain until `stop`. Raises StorageFailure at the start, later only what a bug raises: the agent must end."""
        await self._begin()
        async with asyncio.TaskGroup() as tasks:
            while not self._stopping:
                self._beat = self._clock.monotonic()
                self._wake.clear()
                self._look_around(tasks)
                for lane in (self._lanes.live, self._lanes.backlog):
                    self._freeze_ahead(lane, tasks)
                    self._launch(lane, tasks)
                await self._pause()
            for sending in self._sending:
                sending.cancel()

    async def _begin(self) -> None:
        self._lanes.newest, waiting = await self._queue.extent()
        await self._adopt()
        if waiting or self._lanes.backlog.ready:
            self._line.expect_crowd()

    def _look_around(self, tasks: asyncio.TaskGroup) -> None:
        now = self._clock.monotonic()
        self._lanes.follow(now)
        self._lanes.take_rested(now)
        if self._line.up and self._lanes.backlog.empty:
            self._line.caught_up(len(self._resting))
        self._unparking.begin(tasks)
        if self._adopting:
            self._adopting = False
            tasks.create_task(self._adopt_patiently(), name="drain-adopt")
        if self._lanes.idle and self._line.due and not self._probing:
            self._probing = True
            probe = tasks.create_task(self._probe(), name="drain-probe")
            self._sending.add(probe)
            probe.add_done_callback(self._sending.discard)

    async def _adopt_patiently(self) -> None:
        try:
            await self._adopt()
        except StorageFailure as error:
            await self._recover("read", error)
        self._wake.set()

    async def _probe(self) -> None:
        """See whether the platform is back while nothing waits: callers at the counter want to know."""
        outcome = await self._platform.ask()
        self._probing = False
        if self._lanes.idle:
            # What halts a question need not halt a sale; the next one finds out.
            self._line.hear(Delivered() if isinstance(outcome, Halted) else outcome)
        self._wake.set()

    async def _adopt(self) -> None:
        """Take every frozen request that is not in hand: those of an earlier run, or of a commit in doubt."""
        self._lanes.backlog.ready.extend(self._in_hand.take(await self._queue.unsettled()))

    def _freeze_ahead(self, lane: Lane, tasks: asyncio.TaskGroup) -> None:
        wanted = self._lanes.room(lane) if lane.more and not lane.freezing else 0
        if wanted > 0:
            lane.freezing, lane.more = True, False
            tasks.create_task(self._freeze(lane, wanted), name="drain-freeze")

    def _launch(self, lane: Lane, tasks: asyncio.TaskGroup) -> None:
        while (batch := self._lanes.take(lane)) is not None:
            lane.in_flight += 1
            task = tasks.create_task(self._send(batch, lane), name=f"drain-send-{batch.number}")
            self._sending.add(task)

    async def _pause(self) -> None:
        now = self._clock.monotonic()
        until = min(now + HEARTBEAT_SECONDS, self._lanes.next_turn(probing=self._probing))
        try:
            async with asyncio.timeout(max(0.0, until - now)):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _freeze(self, lane: Lane, wanted: int) -> None:
        limits, stretch = self._line.sizing.limits, self._lanes.stretch(lane)
        if self._cramped():
            wanted, limits = 1, replace(limits, count_max=1)
        try:
            frozen = await self._queue.freeze(wanted, limits, self._platform.assemble, stretch)
            lane.ready.extend(self._in_hand.take(frozen))
            full = len(frozen) == wanted
            lane.more = lane.more or full
            if full and lane is self._lanes.live and len(frozen[-1].members) >= limits.count_max:
                self._lanes.overflow()
        except (StorageFailure, Busy) as error:
            await self._recover("freeze", error)
        finally:
            lane.freezing = False
            self._wake.set()

    async def _recover(self, step: str, error: Exception) -> None:
        """Wait a little after the disk failed at a step, then look what is really there."""
        if str(error) != self._failure:
            words = f"Sending waits for the disk and goes on by itself; no sale is lost. {error}"
            _log.error("drain.storage_failed", words=words, step=step, reason=str(error))
        self._failure = str(error)
        while not self._stopping:
            await asyncio.sleep(STORAGE_RETRY_SECONDS)
            with contextlib.suppress(StorageFailure):
                await self._adopt()
                break
        self.wake()

    async def _send(self, batch: FrozenBatch, lane: Lane) -> None:
        bind_contextvars(request_id=batch.request_id, sequences=list(batch.members))  # for the lines of this task
        sent_while_up, resumes = self._line.up, self._line.resumes
        try:
            body = batch.body or await self._queue.body(batch.number)
            outcome = await self._platform.send(batch, body) if body else None
            well = outcome is not None and await self._well(outcome, batch)
        except asyncio.CancelledError:
            return
        except StorageFailure as error:
            self._in_hand.leave(batch)
            await self._recover("read", error)
            return
        finally:
            self._leave(lane)
        if outcome is None:
            self._in_hand.leave(batch)  # settled by a commit whose return was lost
        else:
            decision = self._line.see(outcome, batch, sent_while_up=sent_while_up, resumes=resumes, well=well)
            await self._carry_out(decision, batch, outcome, lane)
            self._unparking.see(decision, stale=resumes < self._line.resumes)
        self.wake()

    async def _well(self, outcome: Outcome, batch: FrozenBatch) -> bool:
        """Ask whether the platform is well, where only that can tell if a batch is to blame for its failure."""
        return self._lanes.exhausted and in_question(self.link, outcome, batch) and await self._platform.well()

    async def _carry_out(self, decision: Decision, batch: FrozenBatch, outcome: Outcome, lane: Lane) -> None:
        lane.settling += 1
        if isinstance(decision, Keep):
            self._keep(batch, decision, outcome)
        self._wake.set()
        await self._settle(batch, decision)
        tell_answered(batch, outcome, self._tell)
        lane.settling -= 1

    def _leave(self, lane: Lane) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine of a task has one
        self._sending.discard(task)
        lane.in_flight -= 1

    def _keep(self, batch: FrozenBatch, decision: Keep, outcome: Outcome) -> None:
        """Line up the same request again: first in its turn, or after a rest of its own."""
        again = tried(batch, outcome, self._line.answers)
        rests = decision.rests or again.suspect
        again = replace(again, platform_failures=batch.platform_failures + decision.blamed, rests=batch.rests + rests)
        if rests:
            self._resting.put(again, self._line.rest(again.rests))
        else:
            self._lanes.of(batch).ready.appendleft(again)

    async def _settle(self, batch: FrozenBatch, decision: Decision) -> None:
        """Write the decision down, as often as it takes. A crash before that sends the same request again (G3)."""
        while True:
            try:
                smaller = await self._queue.settle(batch, decision, self._platform.assemble)
            except (StorageFailure, Busy) as error:
                if self._stopping:
                    return
                await self._recover("settle", error)
            else:
                self._failure = ""
                break
        if not isinstance(decision, Keep):
            self._in_hand.leave(batch)
        self._lanes.of(batch).ready.extendleft(reversed(self._in_hand.take(smaller)))
        if isinstance(decision, Deliver):
            self._line.delivered(len(batch.members))
        tell_settled(batch, decision, self._tell)
