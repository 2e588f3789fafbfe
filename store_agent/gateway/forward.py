"""Asking the platform within a deadline, and once more where that is safe."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from store_agent.clock import Clock
from store_agent.domain.outcome import Loss, Pending, Transport
from store_agent.domain.reply import Reply
from store_agent.gateway.breaker import Breaker

RETRY_PART_MIN = 0.5
"""With less than this part of the time left another try would only be cut off."""


class Forward:
    """Makes calls to one address. `deadline` is in seconds, for a call with all its tries."""

    def __init__(self, breaker: Breaker, clock: Clock, deadline: float) -> None:
        self._breaker = breaker
        self._clock = clock
        self._deadline = deadline

    async def ask(self, call: Callable[[float], Awaitable[Reply]], *, repeatable: bool) -> Reply:
        """Make a call, given the seconds that it may take.

        `repeatable` tells that making it twice is as good as once; else it is made again only if nothing was sent. Of
        a platform that cannot be reached the answer comes at once.
        """
        if reason := self._breaker.why_not:
            return Reply(Transport(reason), sent=False)
        ends = self._clock.monotonic() + self._deadline
        reply = await call(self._deadline)
        left = ends - self._clock.monotonic()
        if left > self._deadline * RETRY_PART_MIN and _may_go_again(reply, repeatable=repeatable):
            again = await call(left)
            telling = again if again.status or not reply.status else reply
            reply = replace(telling, sent=again.sent or reply.sent)
        self._breaker.see(reply)
        return reply


def _may_go_again(reply: Reply, *, repeatable: bool) -> bool:
    """Tell whether a connection that broke, or an answer that is not ready, is worth another try."""
    if isinstance(reply.outcome, Pending):
        return repeatable
    broke = isinstance(reply.outcome, Transport) and reply.outcome.loss is not Loss.TIME
    return broke and not reply.body and (repeatable or not reply.sent)
