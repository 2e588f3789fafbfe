"""What the drain has learned of the line: whether, when, how much at a time and how large to send."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from store_agent.clock import Clock
from store_agent.domain import burst, link, pace, sizing
from store_agent.domain.batch import BatchLimits, FrozenBatch
from store_agent.domain.burst import BURST_MAX, Burst
from store_agent.domain.events import Event, Tell
from store_agent.domain.link import Link, LinkRules, LinkState
from store_agent.domain.outcome import Delivered, Halted, Outcome, Refused, TooLarge
from store_agent.domain.pace import Pace
from store_agent.domain.relayed import is_relayed
from store_agent.domain.settle import Decision, apart, decide
from store_agent.domain.sizing import Sizing
from store_agent.domain.summary import count, duration
from store_agent.domain.suspicion import answered, speaks, tried


@dataclass(frozen=True, slots=True)
class LineRules:
    """`concurrency`: requests of the backlog in flight at most; `burst_max`: refusals in a row until the line halts."""

    concurrency: int = 4
    burst_max: int = BURST_MAX
    limits: BatchLimits = field(default_factory=BatchLimits)
    link: LinkRules = field(default_factory=LinkRules)


@dataclass(slots=True)
class _Recovery:
    """The way back after an outage: how long it was, since when the line is back, sales sent since."""

    outage: float
    since: float
    sent: int = 0


class Line:
    """Sees every outcome once; `see` gives the decision on the batch.

    `resumes` counts how often somebody said that it is mended, `answers` what the platform answered. `burst_over` tells
    that a burst of refusals ended and what it parked may go again; whoever lets it go takes that back.
    """

    def __init__(self, rules: LineRules, clock: Clock, chance: Callable[[], float], tell: Tell) -> None:
        self._rules = rules
        self._clock = clock
        self._chance = chance
        self._tell = tell
        self._burst = Burst()
        self._rest = replace(rules.link.backoff, spread=0.0)
        self._down_since: float | None = None
        self._recovery: _Recovery | None = None
        self.link = Link(since=clock.wall())
        self.pace = Pace()
        self.sizing = Sizing(rules.limits)
        self.next_call = clock.monotonic()
        self.resumes = 0
        self.answers = 0
        self.burst_over = False

    @property
    def up(self) -> bool:
        """Tell whether several requests may be in flight."""
        return self.link.up

    @property
    def due(self) -> bool:
        """Tell whether a line that is not up may be tried now."""
        return self._clock.monotonic() >= self.next_call

    def expect_crowd(self) -> None:
        """Put off the first call after a start with a backlog: other stores may start at the same moment."""
        backoff = self._rules.link.backoff
        self.next_call = self._clock.monotonic() + min(backoff.spread, backoff.cap) * self._chance()
        self._recovery = _Recovery(0.0, self.next_call)

    def resume(self) -> None:
        """Try again at once: somebody says that it is mended."""
        self._burst = Burst()
        self.resumes += 1
        self.next_call = self._clock.monotonic()

    def rest(self, rests: int) -> float:
        """Return when a request that rested so often may go again."""
        return self._clock.monotonic() + self._rest.delay(rests, self._chance())

    def see(
        self, outcome: Outcome, batch: FrozenBatch, *, sent_while_up: bool, resumes: int = 0, well: bool = False
    ) -> Decision:
        """Learn from an outcome and decide on its batch.

        `resumes` is how often the line had been resumed when the call began: an older one's answer makes nobody wait.
        `well` tells that the platform answered something else after it. A call to another upstream says nothing of the
        line by which sales go, nor does an endpoint that sales do not use: it rests by itself.
        """
        if is_relayed(batch.endpoint) or (batch.deferred and isinstance(outcome, Halted)):
            return apart(decide(outcome, batch, blamed=False))
        blamed = well or link.blames(self.link)
        self.answers += answered(outcome)
        meant, complete = self._guard(outcome, batch, stale=resumes < self.resumes)
        self._size(outcome, batch, sent_while_up=sent_while_up)
        if speaks(outcome, tried(batch, outcome, self.answers)):
            self.pace = pace.after(self.pace, outcome, self._rules.concurrency)
            self._move(meant, sent_while_up=sent_while_up)
        if resumes < self.resumes:
            self.next_call = min(self.next_call, self._clock.monotonic())
        return decide(outcome, batch, blamed=blamed, burst=complete)

    def hear(self, outcome: Outcome) -> None:
        """Learn from a call that carried no sale: at the counter, or to see whether the platform is back."""
        self._move(outcome, sent_while_up=True)

    def delivered(self, sales: int) -> None:
        """Count sales that arrived."""
        if self._recovery is not None:
            self._recovery.sent += sales

    def caught_up(self, resting: int) -> None:
        """Tell, once after an outage, that nothing of it waits any more, but for requests that rest."""
        recovery, self._recovery = self._recovery, None
        if recovery is not None and recovery.sent:
            took = self._clock.monotonic() - recovery.since
            after = f", after {duration(recovery.outage)} without the platform" if recovery.outage else ""
            words = f"{count(recovery.sent, 'sale was', 'sales were')} sent in {duration(took)}{after}."
            words += f" The platform fails for {count(resting, 'request', 'requests')}." if resting else ""
            details = {"sales": recovery.sent, "seconds": round(took, 1), "outage_seconds": round(recovery.outage, 1)}
            self._tell(Event("outbox.drained", words, details))

    def _guard(self, outcome: Outcome, batch: FrozenBatch, *, stale: bool) -> tuple[Outcome, tuple[int, ...]]:
        """Find a burst of refusals: what it means for the line, and the revisions that it completes (G6).

        A refusal from before somebody mended the cause still belongs to the burst that was.
        """
        most = self._rules.burst_max
        if batch.deferred:
            return outcome, ()  # what is refused there says nothing of the sales
        if stale and isinstance(outcome, Refused | TooLarge):
            return outcome, batch.members if len(batch.members) == 1 else ()
        self.burst_over = self.burst_over or (self._burst.reached(most) and isinstance(outcome, Delivered))
        self._burst = burst.after(self._burst, outcome, batch, most)
        if not (isinstance(outcome, Refused | TooLarge) and self._burst.reached(most)):
            return outcome, ()
        complete, self._burst = self._burst.unmarked, self._burst.marked()
        return burst.halted(most, outcome), complete

    def _size(self, outcome: Outcome, batch: FrozenBatch, *, sent_while_up: bool) -> None:
        before = self.sizing.limits
        self.sizing = sizing.after(self.sizing, outcome, batch, self._rules.limits, line_up=sent_while_up)
        now = self.sizing.limits
        if now.count_max < before.count_max or now.bytes_max < before.bytes_max:
            words = f"Smaller requests from now on: {now.count_max} sales, {now.bytes_max:,} bytes at most."
            details = {"sales": now.count_max, "bytes": now.bytes_max, "reason": outcome.said[:200]}
            self._tell(Event("batch.shrunk", words, details))

    def _move(self, outcome: Outcome, *, sent_while_up: bool) -> None:
        """Move the link. Calls sent together while it was up count as one failure when it goes down."""
        before = self.link
        wall, chance = self._clock.wall(), self._chance()
        seen, wait = link.after(before, outcome, wall=wall, chance=chance, rules=self._rules.link)
        late = sent_while_up and before.state is not LinkState.ONLINE
        if late and seen.state is LinkState.BACKING_OFF:
            return
        self.link = seen
        self.next_call = self._clock.monotonic() + wait
        if seen.state is not before.state or (seen.state is LinkState.HALTED and seen.reason != before.reason):
            self._changed(before, seen)

    def _changed(self, before: Link, seen: Link) -> None:
        now = self._clock.monotonic()
        down, self._down_since = self._down_since, None
        if seen.state is LinkState.ONLINE:
            outage = 0.0 if down is None else now - down
            self._recovery = _Recovery(outage, now)
            words = f"Online again after {duration(outage)}."
        else:
            self.pace = Pace()
            self._down_since = now if down is None else down
            outage = now - self._down_since
            words = f"{seen.reason} {seen.cure}".strip()
        details = {"was": before.state.value, "reason": seen.reason, "outage_seconds": round(outage, 1)}
        self._tell(Event(f"link.{seen.state.value}", words, details))
