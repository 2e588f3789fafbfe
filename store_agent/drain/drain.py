"""The loop of the drain."""

import asyncio
import contextlib
import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import structlog

from store_agent.clock import Clock
from store_agent.domain.batch import BatchLimits, FrozenBatch
from store_agent.domain.link import Link, LinkRules, LinkState, after
from store_agent.domain.outcome import Outcome
from store_agent.domain.settle import Decision, Keep, decide
from store_agent.drain.seams import Platform, Queue
from store_agent.errors import Busy, StorageFailure

HEARTBEAT_SECONDS = 5.0
"""The loop looks around at least this often, so that a silent one is known to hang (G17)."""

STORAGE_RETRY_SECONDS = 1.0
"""Pause before what the disk did not take is tried again."""

RESTING_MAX = 128
"""Requests that may rest on their own account (failing or pending ones); bounds what is frozen beyond those in turn."""

_log = structlog.get_logger("drain")


@dataclass(frozen=True, slots=True)
class DrainSettings:
    """`concurrency`: requests in flight at most while the line is up."""

    concurrency: int = 4
    limits: BatchLimits = field(default_factory=BatchLimits)
    link: LinkRules = field(default_factory=LinkRules)


class Drain:
    """Sends what waits, for as long as `run` runs. `chance` gives uniform numbers in 0 to 1."""

    def __init__(
        self, queue: Queue, platform: Platform, clock: Clock, chance: Callable[[], float], settings: DrainSettings
    ) -> None:
        self._queue = queue
        self._platform = platform
        self._clock = clock
        self._chance = chance
        self._settings = settings
        self._link = Link(since=clock.wall())
        self._next_call = 0.0
        self._ready: deque[FrozenBatch] = deque()
        self._resting: list[tuple[float, int, FrozenBatch]] = []
        self._sending: set[asyncio.Task[None]] = set()
        self._in_hand: set[int] = set()
        self._freezing = False
        self._more = True
        self._backlog = True
        self._wake = asyncio.Event()
        self._stopping = False
        self._beat = clock.monotonic()

    @property
    def link(self) -> Link:
        """The line as last seen."""
        return self._link

    @property
    def live(self) -> bool:
        """Tell whether a sale that arrives now goes out at once."""
        return self._link.state is LinkState.ONLINE and not self._ready and not self._backlog

    def wake(self) -> None:
        """Say that something new waits."""
        self._more = True
        self._wake.set()

    def stalled_seconds(self) -> float:
        """Return for how long the loop has been silent beyond its heartbeat (G17)."""
        return max(0.0, self._clock.monotonic() - self._beat - HEARTBEAT_SECONDS)

    def stop(self) -> None:
        """End soon: answers at hand are written down, requests in flight are left to be sent again."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Drain until `stop`. Raises StorageFailure at the start, later only what a bug raises: the agent must end."""
        await self._adopt()
        async with asyncio.TaskGroup() as tasks:
            while not self._stopping:
                self._beat = self._clock.monotonic()
                self._wake.clear()
                self._take_rested()
                self._freeze_ahead(tasks)
                self._launch(tasks)
                await self._pause()
            for sending in self._sending:
                sending.cancel()

    async def _adopt(self) -> None:
        """Take every frozen request that is not in hand: those of an earlier run, or of a commit in doubt."""
        self._ready.extend(self._take(await self._queue.unsettled()))

    def _take(self, batches: list[FrozenBatch]) -> list[FrozenBatch]:
        """Take requests in hand; gives those that were not, since `_adopt` may have been quicker."""
        new = [batch for batch in batches if batch.number not in self._in_hand]
        self._in_hand.update(batch.number for batch in new)
        return new

    def _take_rested(self) -> None:
        while self._resting and self._resting[0][0] <= self._clock.monotonic():
            self._ready.append(heapq.heappop(self._resting)[2])

    def _freeze_ahead(self, tasks: asyncio.TaskGroup) -> None:
        wanted = self._room() if self._may_freeze() else 0
        if wanted > 0:
            self._freezing = True
            tasks.create_task(self._freeze(wanted), name="drain-freeze")

    def _may_freeze(self) -> bool:
        return self._more and not self._freezing and (self._link.state is LinkState.ONLINE or self._may_call())

    def _room(self) -> int:
        """Return how many requests may be frozen now: a few ahead while the line is up, else one to try it with."""
        ahead = self._settings.concurrency if self._link.state is LinkState.ONLINE else 1
        return max(0, min(ahead - len(self._ready), RESTING_MAX - len(self._resting)))

    def _may_call(self) -> bool:
        """Tell whether a line that is not up may be tried now: one request at a time, when its wait is over."""
        return not self._sending and self._clock.monotonic() >= self._next_call

    def _launch(self, tasks: asyncio.TaskGroup) -> None:
        while self._ready and self._may_send():
            batch = self._ready.popleft()
            task = tasks.create_task(self._send(batch), name=f"drain-send-{batch.number}")
            self._sending.add(task)

    def _may_send(self) -> bool:
        if self._link.state is LinkState.ONLINE:
            return len(self._sending) < self._settings.concurrency
        return self._may_call()

    async def _pause(self) -> None:
        now = self._clock.monotonic()
        until = [now + HEARTBEAT_SECONDS]
        if self._resting:
            until.append(self._resting[0][0])
        to_send = bool(self._ready) or (self._more and not self._freezing and self._room() > 0)
        if self._link.state is not LinkState.ONLINE and not self._sending and to_send:
            until.append(self._next_call)
        try:
            async with asyncio.timeout(max(0.0, min(until) - now)):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _freeze(self, wanted: int) -> None:
        self._more = False
        try:
            frozen = await self._queue.freeze(wanted, self._settings.limits, self._platform.assemble)
            self._ready.extend(self._take(frozen))
            self._backlog = len(frozen) == wanted
            self._more = self._more or self._backlog
        except (StorageFailure, Busy) as error:
            await self._recover("drain.freeze_failed", error)
        finally:
            self._freezing = False
            self._wake.set()

    async def _recover(self, event: str, error: Exception) -> None:
        """Wait a little after the disk failed, then look what is really there."""
        _log.error(event, reason=str(error))
        while not self._stopping:
            await asyncio.sleep(STORAGE_RETRY_SECONDS)
            with contextlib.suppress(StorageFailure):
                await self._adopt()
                break
        self._more = True

    async def _send(self, batch: FrozenBatch) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine of a task has one
        sent_while = self._link.state
        try:
            outcome = await self._platform.send(batch)
        except asyncio.CancelledError:
            return
        finally:
            self._sending.discard(task)
        self._see(outcome, sent_while)
        decision = decide(outcome, batch.members, batch.platform_failures)
        if isinstance(decision, Keep):
            self._keep(batch, decision)
        self._wake.set()
        await self._settle(batch, decision)
        self._wake.set()

    def _see(self, outcome: Outcome, sent_while: LinkState) -> None:
        """Move the link. Calls sent together while it was up count as one failure when it goes down."""
        before = self._link
        seen, wait = after(before, outcome, wall=self._clock.wall(), chance=self._chance(), rules=self._settings.link)
        late = sent_while is LinkState.ONLINE and before.state is not LinkState.ONLINE
        if late and seen.state is LinkState.BACKING_OFF:
            return
        self._link = seen
        self._next_call = self._clock.monotonic() + wait
        if seen.state is not before.state:
            _log.info(
                "link.changed",
                was=before.state.value,
                now=seen.state.value,
                reason=seen.reason,
                seconds=round(self._clock.wall() - before.since, 1),
            )

    def _keep(self, batch: FrozenBatch, decision: Keep) -> None:
        """Line up the same request again: first in its turn, or after a rest of its own."""
        if not decision.rests:
            self._ready.appendleft(batch)
            return
        again = replace(
            batch, rests=batch.rests + 1, platform_failures=batch.platform_failures + decision.platform_failed
        )
        due = self._clock.monotonic() + self._settings.link.backoff.delay(again.rests, self._chance())
        heapq.heappush(self._resting, (due, batch.number, again))

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
        self._ready.extendleft(reversed(self._take(smaller)))
        self._more = True
