"""Giving offers back: unlock and reinstate (SessionM POS API, Discounting).

They give a guest something back, so that they are never refused for want of a line: then they wait in the outbox, in
order with the sale they belong to.
"""

from dataclasses import replace

from store_agent.domain.counter import GiveBackAsked
from store_agent.domain.counter_answer import Answer, Done
from store_agent.domain.offers import Use, UseState
from store_agent.domain.outcome import Delivered, Refused
from store_agent.errors import DiskFull
from store_agent.gateway.forward import Forward
from store_agent.gateway.recent import Recent
from store_agent.gateway.seams import Line, Offers, Platform, Room
from store_agent.gateway.verdict import passed
from store_agent.storage.deferral import Deferral
from store_agent.storage.offers import give_back_subject

Given = tuple[Answer, bool]
"""The answer, and whether the offer is given back with it."""


class GivingBack:
    """Gives offers back: now, or later."""

    def __init__(
        self,
        platform: Platform,
        forward: Forward,
        *,
        offers: Offers,
        line: Line,
        room: Room,
        recent: Recent[Given],
    ) -> None:
        self._platform = platform
        self._forward = forward
        self._offers = offers
        self._line = line
        self._room = room
        self._recent = recent

    def use(self, platform: Platform) -> None:
        """Ask another adapter of the platform from now on."""
        self._platform = platform

    async def give_back(self, terminal: str, asked: GiveBackAsked) -> Answer:
        """Give an offer back. One that was applied offline and is in no sale yet is only forgotten."""
        known = await self._offers.uses(asked.offer)
        uses = [use for use in known if use.state is not UseState.RELEASED]
        key = (terminal, asked.call, asked.payload, asked.forwarded, known[0].number if known else 0)
        answer, _ = await self._recent.once(key, lambda: self._give_back(terminal, asked, uses), _is_given)
        return answer

    async def _give_back(self, terminal: str, asked: GiveBackAsked, uses: list[Use]) -> Given:
        last = uses[0] if uses else None
        if last is not None and last.offline and last.state is UseState.APPLIED:
            return await self._take_back([use for use in uses if use.transaction_id == last.transaction_id]), True
        follows = None if last is None else last.transaction_id
        subject = give_back_subject(asked.offer)
        deferral = Deferral(terminal, asked.call, subject, asked.payload, asked.forwarded, follows=follows)
        if await self._offers.must_wait(deferral):
            return await self._later(deferral, uses), True
        request = self._platform.enclose(asked.call, self._platform.mint(), asked.payload, asked.forwarded)
        reply = await self._forward.ask(lambda seconds: self._platform.ask(request, seconds), repeatable=True)
        answer = passed(reply) if isinstance(reply.outcome, Delivered | Refused) else None
        if answer is None:
            tried = request if reply.sent else None
            return await self._later(replace(deferral, request=tried), uses), True
        if isinstance(reply.outcome, Delivered):
            await self._offers.release(uses)
        return answer, isinstance(reply.outcome, Delivered)

    async def _take_back(self, uses: list[Use]) -> Answer:
        """Give back what was applied offline: only the agent knows what the platform has of it."""
        sequence = await self._offers.take_back(uses)
        if sequence is None:
            return Done({"delivery": "here"})
        self._line.wake(sequence)
        return Done({"delivery": "queued", "sequence": sequence})

    async def _later(self, deferral: Deferral, uses: list[Use]) -> Answer:
        """Keep a call for later. A lock whose sale may still fail is not over: should it fail, it is unlocked."""
        if not self._room.admit(len(deferral.payload)):
            raise DiskFull(self._room.words)
        over = [use for use in uses if use.offline or not use.pending]
        sequence = await self._offers.release(over, deferral)
        assert sequence is not None  # noqa: S101 - there was a call to defer
        if deferral.request is None:
            self._line.wake(sequence)
        else:
            self._line.adopt(sequence)
        return Done({"delivery": "queued", "sequence": sequence})


def _is_given(given: Given) -> bool:
    return given[1]
