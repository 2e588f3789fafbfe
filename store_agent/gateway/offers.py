"""Offers for a sale: lock and redeem (SessionM POS API, Discounting)."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from http import HTTPStatus
from typing import Any

from store_agent.clock import Clock
from store_agent.domain.counter import BY_USER_OFFER, OfferAsked
from store_agent.domain.counter_answer import Answer, NotDone, Passed
from store_agent.domain.guests import find_offer
from store_agent.domain.offline_offers import Caps, discount_offline, over_cap
from store_agent.domain.outcome import Delivered, Halted, Refused, TooLarge
from store_agent.domain.reply import Reply
from store_agent.domain.timestamps import stamp
from store_agent.gateway.afterwards import Afterwards
from store_agent.gateway.forward import Forward
from store_agent.gateway.recollect import find_offer_answer
from store_agent.gateway.seams import Line, Memory, Offers, Platform
from store_agent.gateway.verdict import not_done, passed
from store_agent.storage.offers import Applied, Asked, Noted, Taken, read_discount

_OK = HTTPStatus.OK


@dataclass(frozen=True, slots=True)
class OfflineRules:
    """Whether offers are applied from memory, how many, from answers of at most so many seconds ago.

    `day` gives the label of the day at a wall time, by which the caps count.
    """

    allowed: bool
    caps: Caps
    seconds: float
    day: Callable[[float], str]


class OfferCalls:
    """Applies offers: at the platform, or offline where that is allowed."""

    def __init__(
        self,
        platform: Platform,
        forward: Forward,
        *,
        offers: Offers,
        memory: Memory,
        afterwards: Afterwards,
        line: Line,
        clock: Clock,
        rules: OfflineRules,
    ) -> None:
        self._platform = platform
        self._forward = forward
        self._offers = offers
        self._memory = memory
        self._afterwards = afterwards
        self._line = line
        self._clock = clock
        self._rules = rules

    def use(self, platform: Platform) -> None:
        """Ask another adapter of the platform from now on."""
        self._platform = platform

    async def apply(self, terminal: str, asked: OfferAsked) -> Answer:
        """Lock or redeem an offer for a transaction; the same call again gets the same answer."""
        noted = await self._note(terminal, asked)
        if noted.going_back:
            return _going_back()
        if noted.in_use:
            return _in_use()
        if noted.answer is not None:
            return Passed(_OK, noted.answer)
        request = self._platform.enclose(asked.action, noted.request_id, asked.payload, asked.forwarded)
        reply = await self._forward.ask(lambda seconds: self._platform.ask(request, seconds), repeatable=True)
        answer = passed(reply)
        if answer is not None:
            await self._learn(noted, asked, reply)
            return answer
        return await self._without(noted, asked, replace(reply, sent=reply.sent or noted.tried))

    async def _note(self, terminal: str, asked: OfferAsked) -> Noted:
        """Keep the request_id before anything is sent under it (G3)."""
        wanted = Asked(
            transaction_id=asked.transaction_id,
            terminal=terminal,
            employee=asked.employee or terminal,
            action=asked.action,
            code=asked.code,
            digest=asked.digest,
            request_id=self._platform.mint(),
            offer=asked.code if asked.by == BY_USER_OFFER else None,
        )
        return await self._offers.ask(wanted)

    async def _learn(self, noted: Noted, asked: OfferAsked, reply: Reply) -> None:
        """Keep what the platform decided. What it could not decide may be asked again under the same request."""
        discount = read_discount(reply.body) if isinstance(reply.outcome, Delivered) else None
        offer = discount.get("reference_id") if discount else None
        if not isinstance(offer, str) and asked.by == BY_USER_OFFER:
            offer = asked.code
        if isinstance(reply.outcome, Delivered) and isinstance(offer, str):
            guest = (discount or {}).get("user_id")
            applied = Applied(offer, guest if isinstance(guest, str) else None, reply.body)
            too_late = await self._offers.apply(noted.number, applied)
            if too_late is not None:
                self._line.wake(too_late)
        elif isinstance(reply.outcome, Refused | TooLarge | Halted):
            await self._offers.refuse(noted.number)

    async def _without(self, noted: Noted, asked: OfferAsked, reply: Reply) -> Answer:
        """Do without the platform: apply an offer from memory, under the store's caps, where that is allowed.

        What the platform may have done, now or when it was asked first, is not known to be undone.
        """
        problem = ""
        if self._rules.allowed:
            answer, problem = await self._allow(noted, asked, reached=reply.sent)
            if not problem:
                return Passed(_OK, answer)
        if not reply.sent:
            await self._offers.refuse(noted.number)
        if reply.sent or not problem:
            return not_done(reply, changes=True)
        words = f"{problem} The offer is not applied; it stays with the guest."
        return NotDone(HTTPStatus.CONFLICT, "offline_limit", words)

    async def _allow(self, noted: Noted, asked: OfferAsked, *, reached: bool) -> tuple[bytes, str]:
        """Allow an offer from memory: gives the answer, or why not."""
        now = self._clock.wall()
        found = await self._known(asked, now)
        if isinstance(found, str):
            return b"", found
        discount, guest = found
        body = json.dumps({"status": "OK", "payload": discount, "errors": None}, default=_number).encode()
        applied = Applied(asked.code, guest, body, self._rules.day(now), reached)
        return body, await self._offers.allow(noted.number, applied, partial(_why_not, self._rules.caps))

    async def _known(self, asked: OfferAsked, now: float) -> tuple[dict[str, Any], str | None] | str:
        unknown = "The platform cannot be asked, and this offer is not known here from a lookup before."
        await self._afterwards.settle()
        found = await find_offer_answer(self._memory, asked.code) if asked.by == BY_USER_OFFER else None
        if found is None or not 0 <= now - found.at / 1000 <= self._rules.seconds:
            return unknown
        known = find_offer(json.loads(found.body, parse_float=Decimal).get("payload"), asked.code)
        if known is None:
            return unknown
        discount = discount_offline(known[0], asked.subtotal, stamp(now))
        return discount if isinstance(discount, str) else (discount, known[1])


def _why_not(caps: Caps, taken: Taken) -> str:
    return over_cap(taken, caps)


def _number(value: Any) -> int | float:
    """Write an exact number as JSON: amounts have few digits, so that nothing of them is lost."""
    assert isinstance(value, Decimal)  # noqa: S101 - nothing else comes out of the reader
    return int(value) if value == value.to_integral_value() else float(value)


def _going_back() -> NotDone:
    words = "This offer is still on its way back to the guest. Try again in a moment."
    return NotDone(HTTPStatus.SERVICE_UNAVAILABLE, "pending", words, {"Retry-After": "1"})


def _in_use() -> NotDone:
    words = "Another sale of this store has this offer already; the platform hears of it with that sale."
    return NotDone(HTTPStatus.CONFLICT, "offline_limit", words)
