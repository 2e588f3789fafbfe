"""Who is the guest (SessionM POS API, User Lookup)."""

import contextlib
import json
from dataclasses import dataclass
from typing import Any

from store_agent.clock import Clock
from store_agent.domain.counter import LookupAsked
from store_agent.domain.counter_answer import Answer
from store_agent.domain.guests import offers_of, only_user
from store_agent.domain.outcome import Delivered, Refused
from store_agent.domain.reply import Reply
from store_agent.errors import AgentError
from store_agent.gateway.afterwards import Afterwards
from store_agent.gateway.forward import Forward
from store_agent.gateway.recent import RECENT_BYTES_MAX, Recent
from store_agent.gateway.recollect import find_answer, keep_answer, recollected
from store_agent.gateway.seams import Memory, Platform
from store_agent.gateway.verdict import not_done, passed


@dataclass(frozen=True, slots=True)
class MemoryRules:
    """`allowed`: an answer from memory will do where the POS does not say. `seconds`: how old it may be."""

    allowed: bool
    seconds: float


class Lookups:
    """Asks the platform; answers from memory where that is allowed."""

    def __init__(
        self,
        platform: Platform,
        forward: Forward,
        *,
        memory: Memory,
        recent: Recent[Reply],
        afterwards: Afterwards,
        clock: Clock,
        rules: MemoryRules,
    ) -> None:
        self._platform = platform
        self._forward = forward
        self._memory = memory
        self._recent = recent
        self._clock = clock
        self._rules = rules
        self._afterwards = afterwards

    def use(self, platform: Platform) -> None:
        """Ask another adapter of the platform from now on."""
        self._platform = platform

    async def lookup(self, terminal: str, asked: LookupAsked) -> Answer:
        """Look a guest up."""
        key = (terminal, asked.payload, asked.forwarded)
        reply = await self._recent.once(key, lambda: self._ask(asked), _is_good)
        answer = passed(reply)
        if answer is not None:
            return answer
        allowed = self._rules.allowed if asked.allow_remembered is None else asked.allow_remembered
        return (await self._recollect(asked) if allowed else None) or not_done(reply, changes=False)

    async def _recollect(self, asked: LookupAsked) -> Answer | None:
        await self._afterwards.settle()
        found = await find_answer(self._memory, asked.criterion, asked.value)
        return recollected(found, self._clock.wall(), self._rules.seconds)

    async def _ask(self, asked: LookupAsked) -> Reply:
        request = self._platform.enclose("lookup", self._platform.mint(), asked.payload, asked.forwarded)
        reply = await self._forward.ask(lambda seconds: self._platform.ask(request, seconds), repeatable=True)
        if isinstance(reply.outcome, Delivered):
            self._afterwards.do(self._keep(asked, reply.body))
        elif isinstance(reply.outcome, Refused):
            self._afterwards.do(self._forget(asked))
        return reply

    async def _keep(self, asked: LookupAsked, body: bytes) -> None:
        """Remember an answer, if it is about one guest.

        What the guest has beside what was asked by may be somebody else's too; only the platform's id is one's own.
        """
        payload: Any = json.loads(body).get("payload")
        user_id, name = only_user(payload), (asked.criterion, asked.value)
        if user_id is None:
            await self._forget(asked)
        else:
            await keep_answer(self._memory, [name, ("user_id", user_id)], offers_of(payload), body)

    async def _forget(self, asked: LookupAsked) -> None:
        """Forget who this was: the platform knows nobody, or several."""
        with contextlib.suppress(AgentError):
            await self._memory.forget(asked.criterion, asked.value)


def _is_good(reply: Reply) -> bool:
    return isinstance(reply.outcome, Delivered) and len(reply.body) <= RECENT_BYTES_MAX
