"""Whether the platform is worth asking: a dead line must cost a cashier milliseconds, not seconds.

For the POS API this is the drain's view of the line, to which failures at the counter are told. Other upstreams have
one of their own each, on top: they may be down alone.
"""

from store_agent.clock import Clock
from store_agent.domain.link import LinkState
from store_agent.domain.outcome import Loss, Transport
from store_agent.domain.reply import Reply
from store_agent.gateway.seams import Line

SLOW_MAX = 2
"""Calls in a row without an answer in time until the platform counts as down; one slow answer is everyday life."""

REST_SECONDS = 15.0
"""For so long an upstream that failed is not asked again."""


class Breaker:
    """Counts failures of one address. `shared` tells that the drain uses the same one and is told of them."""

    def __init__(self, line: Line, clock: Clock, *, shared: bool) -> None:
        self._line = line
        self._clock = clock
        self._shared = shared
        self._slow = 0
        self._rests_until = 0.0
        self._reason = ""

    @property
    def why_not(self) -> str:
        """Say why the platform is not asked; empty if it is worth it."""
        if self._line.link.state is LinkState.BACKING_OFF:
            return self._line.link.reason
        return self._reason if self._clock.monotonic() < self._rests_until else ""

    def see(self, reply: Reply) -> None:
        """Learn from a call."""
        outcome = reply.outcome
        if not isinstance(outcome, Transport):
            self._slow = 0
            return
        self._slow += 1
        nobody = not reply.sent and outcome.loss is Loss.LINE
        elsewhere = nobody or (reply.status and not reply.body)  # nobody is there, or somebody else answers
        if elsewhere or self._slow >= SLOW_MAX:
            self._slow = 0
            self._open(outcome)

    def _open(self, outcome: Transport) -> None:
        if self._shared:
            self._line.hear(Transport(outcome.words, outcome.said, Loss.LINE))
        else:
            self._reason = outcome.words
            self._rests_until = self._clock.monotonic() + REST_SECONDS
