"""The loop of the drain: claim, freeze, send, settle.

Two lanes share the line. What waited when the line came up, or fails, is the backlog. What is sold while the line is
up goes by the live lane, for which one request beyond those of the backlog is always kept free (G10). While the line
is not up there is one lane, and one request at a time tries the line.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import replace

import structlog

from store_agent.clock import Clock
from store_agent.domain.batch import FrozenBatch, Stretch
from store_agent.domain.events import Event, Tell
from store_agent.domain.link import Link, LinkState
from store_agent.domain.settle import Decision, Deliver, Keep, Park
from store_agent.drain.lane import Lane
from store_agent.drain.line import Line, LineRules
from store_agent.drain.resting import Resting
from store_agent.drain.seams import Platform, Queue
from store_agent.errors import Busy, StorageFailure

HEARTBEAT_SECONDS = 5.0
"""The loop looks around at least this often, so that a silent one is known to hang (G17)."""

STORAGE_RETRY_SECONDS = 1.0
"""Pause before what the disk did not take is tried again."""

_log = structlog.get_logger("drain")


class Drain:
    """Sends what waits, for as long as `run` runs. `chance` gives uniform numbers in 0 to 1, `tell` takes events."""

    def __init__(
        self,
        queue: Queue,
        platform: Platform,
        clock: Clock,
        *,
        chance: Callable[[], float],
        rules: LineRules,
        tell: Tell,
    ) -> None:
        self._queue = queue
        self._platform = platform
        self._clock = clock
        self._tell = tell
        self._line = Line(rules, clock, chance, tell)
        self._backlog = Lane()
        self._live = Lane(more=False)
        self._live_after = 0
        self._newest = 0
        self._resting = Resting()
        self._sending: set[asyncio.Task[None]] = set()
        self._in_hand: set[int] = set()
        self._wake = asyncio.Event()
        self._stopping = False
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
        if newest is not None:
            self._newest = max(self._newest, newest)
        if newest is None or not self._line.up:
            self._backlog.more = True
        if newest is None or self._line.up:
            self._live.more = True
        self._wake.set()

    async def resume(self) -> int:
        """Try at once, whatever the line was: a person says that it is mended.

        What a burst of refusals parked goes out again; gives how many. Raises StorageFailure or Busy.
        """
        unparked = await self._queue.unpark_burst(None)
        self._line.resume()
        self._line_up(self._resting.wake_all())
        self.wake()
        return unparked

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
                self._follow_line()
                self._line_up(self._resting.take(self._clock.monotonic()))
                for lane in (self._live, self._backlog):
                    self._freeze_ahead(lane, tasks)
                    self._launch(lane, tasks)
                await self._pause()
            for sending in self._sending:
                sending.cancel()

    async def _begin(self) -> None:
        await self._queue.unpark_burst(None)
        newest, waiting = await self._queue.extent()
        self._newest = max(self._newest, newest)
        await self._adopt()
        if waiting or self._backlog.ready:
            self._line.expect_crowd()

    async def _adopt(self) -> None:
        """Take every frozen request that is not in hand: those of an earlier run, or of a commit in doubt."""
        found = self._take(await self._queue.unsettled())
        self._backlog.ready.extend(replace(batch, doubted=True) for batch in found)

    def _take(self, batches: list[FrozenBatch]) -> list[FrozenBatch]:
        """Take requests in hand; gives those that were not, since `_adopt` may have been quicker."""
        new = [batch for batch in batches if batch.number not in self._in_hand]
        self._in_hand.update(batch.number for batch in new)
        return new

    def _follow_line(self) -> None:
        """While the line is not up everything is backlog; what is sold once it is up is live."""
        if self._line.up:
            if self._backlog.empty:
                self._line.caught_up()
            return
        self._live_after = self._newest
        self._backlog.ready.extend(self._live.ready)
        self._backlog.more = self._backlog.more or self._live.more
        self._live.ready.clear()
        self._live.more = False

    def _line_up(self, batches: list[FrozenBatch]) -> None:
        for batch in batches:
            self._lane_of(batch).ready.append(batch)

    def _lane_of(self, batch: FrozenBatch) -> Lane:
        return self._live if batch.members[0] > self._live_after else self._backlog

    def _freeze_ahead(self, lane: Lane, tasks: asyncio.TaskGroup) -> None:
        wanted = self._room(lane) if lane.more and not lane.freezing else 0
        if wanted > 0:
            lane.freezing, lane.more = True, False
            tasks.create_task(self._freeze(lane, wanted), name="drain-freeze")

    def _room(self, lane: Lane) -> int:
        """Return how many requests may be frozen now: a few ahead while the line is up, else one to try it with."""
        if self._resting.full:
            return 0
        if not self._line.up:
            wanted = 1 if self._may_try() else 0
        elif lane is self._live:
            wanted = self._live_slots()
        else:
            wanted = self._line.pace.requests
        return wanted - len(lane.ready)

    @property
    def _in_flight(self) -> int:
        return self._live.in_flight + self._backlog.in_flight

    def _may_try(self) -> bool:
        """Tell whether a line that is not up may be tried now: one request at a time, when its wait is over."""
        return self._in_flight == 0 and self._line.due

    def _may_send(self, lane: Lane) -> bool:
        if not self._line.up:
            return self._may_try()
        if lane is self._live:
            return self._live_slots() > 0
        return lane.in_flight < self._line.pace.requests and self._in_flight <= self._line.pace.requests

    def _live_slots(self) -> int:
        """Return how many live requests may go now: one always, more where the backlog leaves room."""
        reserved = 1 - self._live.in_flight
        return reserved if self._backlog.ready else max(reserved, self._line.pace.requests + 1 - self._in_flight)

    def _launch(self, lane: Lane, tasks: asyncio.TaskGroup) -> None:
        while lane.ready and self._may_send(lane):
            batch = lane.ready.popleft()
            lane.in_flight += 1
            task = tasks.create_task(self._send(batch, lane), name=f"drain-send-{batch.number}")
            self._sending.add(task)

    async def _pause(self) -> None:
        now = self._clock.monotonic()
        until = [now + HEARTBEAT_SECONDS]
        if self._resting.next_due is not None:
            until.append(self._resting.next_due)
        to_freeze = self._backlog.more and not self._backlog.freezing and not self._resting.full
        if not self._line.up and self._in_flight == 0 and (self._backlog.ready or to_freeze):
            until.append(self._line.next_call)
        try:
            async with asyncio.timeout(max(0.0, min(until) - now)):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _freeze(self, lane: Lane, wanted: int) -> None:
        live = Stretch(after=self._live_after)
        stretch = live if lane is self._live else Stretch(upto=self._live_after)
        try:
            frozen = await self._queue.freeze(wanted, self._line.sizing.limits, self._platform.assemble, stretch)
            lane.ready.extend(self._take(frozen))
            lane.more = lane.more or len(frozen) == wanted
        except (StorageFailure, Busy) as error:
            await self._recover("drain.freeze_failed", error)
        finally:
            lane.freezing = False
            self._wake.set()

    async def _recover(self, event: str, error: Exception) -> None:
        """Wait a little after the disk failed, then look what is really there."""
        _log.error(event, reason=str(error))
        while not self._stopping:
            await asyncio.sleep(STORAGE_RETRY_SECONDS)
            with contextlib.suppress(StorageFailure):
                await self._adopt()
                break
        self.wake()

    async def _send(self, batch: FrozenBatch, lane: Lane) -> None:
        sent_while_up = self._line.up
        try:
            body = batch.body or await self._queue.body(batch.number)
            outcome = await self._platform.send(batch.endpoint, batch.request_id, body)
        except asyncio.CancelledError:
            return
        except StorageFailure as error:
            self._in_hand.discard(batch.number)
            await self._recover("drain.read_failed", error)
            return
        finally:
            self._leave(lane)
        was_halted = self.link.state is LinkState.HALTED
        decision = self._line.see(outcome, batch, sent_while_up=sent_while_up)
        if isinstance(decision, Keep):
            self._keep(batch, decision)
        self._wake.set()
        lane.settling += 1
        await self._settle(batch, decision)
        of_burst = was_halted or (isinstance(decision, Park) and decision.burst)
        if of_burst and self._line.up:
            await self._unpark()
        lane.settling -= 1
        self.wake()

    async def _unpark(self) -> None:
        """Let a burst's sales go, as the platform takes sales again; only once, or they might halt it for ever."""
        try:
            await self._queue.unpark_burst(1)
        except (StorageFailure, Busy) as error:
            _log.error("drain.unpark_failed", reason=str(error))

    def _leave(self, lane: Lane) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine of a task has one
        self._sending.discard(task)
        lane.in_flight -= 1

    def _keep(self, batch: FrozenBatch, decision: Keep) -> None:
        """Line up the same request again: first in its turn, or after a rest of its own."""
        again = replace(
            batch,
            platform_failures=batch.platform_failures + decision.blamed,
            doubted=batch.doubted or decision.doubted,
            rests=batch.rests + decision.rests,
        )
        if decision.rests:
            self._resting.put(again, self._line.rest(again.rests))
        else:
            self._lane_of(batch).ready.appendleft(again)

    async def _settle(self, batch: FrozenBatch, decision: Decision) -> None:
        """Write the decision down, as often as it takes. A crash before that sends the same request again (G3)."""
        while True:
            try:
                smaller = await self._queue.settle(batch, decision, self._platform.assemble)
            except (StorageFailure, Busy) as error:
                if self._stopping:
                    return
                await self._recover("drain.settle_failed", error)
            else:
                break
        if not isinstance(decision, Keep):
            self._in_hand.discard(batch.number)
        self._lane_of(batch).ready.extendleft(reversed(self._take(smaller)))
        self._tell_settled(batch, decision)

    def _tell_settled(self, batch: FrozenBatch, decision: Decision) -> None:
        if isinstance(decision, Deliver):
            self._line.delivered(len(batch.members))
        elif isinstance(decision, Park):
            words = f"The platform refused a sale; it is set aside for the manager. {decision.words}"
            self._tell(Event("sale.parked", words, {"sequence": batch.members[0], "fields": list(decision.fields)}))
