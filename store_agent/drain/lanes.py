"""Whose turn it is: two lanes while the line is up, one request at a time while it is not.

What waited when the line came up, or fails, is the backlog. What is sold while the line is up goes by the live lane,
for which one request beyond those of the backlog is always kept free (G10).
"""

import math

from store_agent.domain.batch import FrozenBatch, Stretch
from store_agent.domain.link import LinkState
from store_agent.domain.suspicion import TRIES_MAX
from store_agent.drain.lane import Lane
from store_agent.drain.line import Line
from store_agent.drain.resting import Resting

TRIED_MAX = 8
"""Requests that take turns to try a line that is down, so that one that always fails does not stand for all."""


class Lanes:
    """Decides what may be frozen and sent, by what the line is like. `newest` is the highest sequence known."""

    def __init__(self, line: Line, resting: Resting) -> None:
        self._line = line
        self._resting = resting
        self._live_after = 0
        self.newest = 0
        self.backlog = Lane()
        self.live = Lane(more=False)

    @property
    def in_flight(self) -> int:
        """Count the requests that are on their way."""
        return self.live.in_flight + self.backlog.in_flight

    def wake(self, newest: int | None) -> bool:
        """Hear that sales up to the sequence `newest` were stored, or that something else may go.

        Tells whether there is something to do that was not known before: on a line that is down a sale changes little.
        """
        known = self.backlog.more, self.live.more
        if newest is not None:
            self.newest = max(self.newest, newest)
        if newest is None or not self._line.up:
            self.backlog.more = True
        if newest is None or self._line.up:
            self.live.more = True
        if not self._line.up:
            self._part()
        return newest is None or known != (self.backlog.more, self.live.more)

    @property
    def exhausted(self) -> bool:
        """Tell whether nothing is left that could be sent now instead of what just failed."""
        return not any(lane.ready or lane.freezing or lane.more for lane in (self.live, self.backlog))

    @property
    def idle(self) -> bool:
        """Tell whether the line is down and nothing waits that would find out when it is back."""
        return self._line.link.state is LinkState.BACKING_OFF and self.exhausted and self.in_flight == 0

    def follow(self, now: float) -> None:
        """Follow the line: while it is not up, everything is backlog, and what rested goes on resting."""
        if not self._line.up:
            self._become_backlog()
            tired = [batch for batch in self.backlog.ready if batch.rests]
            if len(tired) < len(self.backlog.ready) or self.backlog.more:
                for batch in tired:
                    self.backlog.ready.remove(batch)
                    self._resting.put(batch, now)

    def overflow(self) -> None:
        """Make a backlog of what the live lane cannot keep up with, so that newer sales need not wait behind it."""
        self._part()
        self.backlog.more = True

    def take_rested(self, now: float) -> None:
        """Line up what has rested; on a line that is not up only where nothing else could try it."""
        if self._line.up:
            for batch in self._resting.take(now):
                self.of(batch).ready.append(batch)
        elif self._may_wake_rested():
            self.backlog.ready.extend(self._resting.take(now, 1))

    def next_turn(self, *, probing: bool) -> float:
        """Return when something may go even if nothing happens before, in monotonic seconds; infinite if nothing may.

        `probing` tells that the line is being tried without a sale.
        """
        rested = self._resting.next_due if self._line.up or self._may_wake_rested() else None
        tries = self._may_try_later() or (self.idle and not probing)
        return min(math.inf if rested is None else rested, self._line.next_call if tries else math.inf)

    def of(self, batch: FrozenBatch) -> Lane:
        """Return the lane of a batch."""
        return self.live if batch.members[0] > self._live_after else self.backlog

    def stretch(self, lane: Lane) -> Stretch:
        """Return the part of the queue that a lane takes."""
        if not self._line.up:
            return Stretch()
        return Stretch(after=self._live_after) if lane is self.live else Stretch(upto=self._live_after)

    def room(self, lane: Lane) -> int:
        """Return how many requests may be frozen now: a few ahead while the line is up, else one to try it with."""
        if self._resting.full:
            return 0
        if not self._line.up:
            return int(lane is self.backlog and self.may_try() and self._wants_another())
        if lane is self.live:
            return self._live_slots() - len(lane.ready)
        most, ready = self._line.pace.requests, len(lane.ready)
        return most - ready if ready <= most // 2 else 0  # several at once share a commit

    def may_try(self) -> bool:
        """Tell whether a line that is not up may be tried now: one request at a time, when its wait is over."""
        return self.in_flight == 0 and self._line.due

    def take(self, lane: Lane) -> FrozenBatch | None:
        """Take the next request of a lane, if it may go now."""
        if not lane.ready or not self._may_send(lane):
            return None
        if self._line.up:
            return lane.ready.popleft()
        least = min(lane.ready, key=lambda batch: batch.troubles)
        lane.ready.remove(least)
        return least

    def _part(self) -> None:
        """Let what is known now be the backlog."""
        self._live_after = self.newest

    def _become_backlog(self) -> None:
        self._part()
        self.backlog.ready.extend(self.live.ready)
        self.backlog.more = self.backlog.more or self.live.more
        self.live.ready.clear()
        self.live.more = False

    def _may_try_later(self) -> bool:
        """Tell whether a line that is not up has something to be tried with, once its wait is over."""
        to_freeze = self.backlog.more and not self.backlog.freezing and not self._resting.full
        return not self._line.up and self.in_flight == 0 and bool(self.backlog.ready or to_freeze)

    def _may_wake_rested(self) -> bool:
        return self.backlog.empty and self.live.empty

    def _wants_another(self) -> bool:
        """Tell whether those that try the line have failed often enough for another one to try it too."""
        ready = self.backlog.ready
        return len(ready) < TRIED_MAX and all(batch.troubles >= TRIES_MAX for batch in ready)

    def _may_send(self, lane: Lane) -> bool:
        if not self._line.up:
            return self.may_try()
        if lane is self.live:
            return self._live_slots() > 0
        return lane.in_flight < self._line.pace.requests and self.in_flight <= self._line.pace.requests

    def _live_slots(self) -> int:
        """Return how many live requests may go now: one always, more where the backlog leaves room."""
        reserved = 1 - self.live.in_flight
        return reserved if self.backlog.ready else max(reserved, self._line.pace.requests + 1 - self.in_flight)
