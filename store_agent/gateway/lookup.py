"""Who is the guest (SessionM POS API, User Lookup)."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import structlog

from store_agent.clock import Clock
from store_agent.domain.counter import LookupAsked
from store_agent.domain.counter_answer import Answer
from store_agent.domain.guests import names_of, offers_of
from store_agent.domain.outcome import Delivered
from store_agent.domain.reply import Reply
from store_agent.errors import AgentError
from store_agent.gateway.forward import Forward
from store_agent.gateway.recent import Recent
from store_agent.gateway.recollect import recollected
from store_agent.gateway.seams import Memory, Platform
from store_agent.gateway.verdict import not_done, passed

_log = structlog.get_logger("gateway")


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
        clock: Clock,
        rules: MemoryRules,
    ) -> None:
        self._platform = platform
        self._forward = forward
        self._memory = memory
        self._recent = recent
        self._clock = clock
        self._rules = rules
        self._keeping: set[asyncio.Task[None]] = set()

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
        found = await self._memory.find(asked.criterion, asked.value) if allowed else None
        remembered = recollected(found, self._clock.wall(), self._rules.seconds)
        return remembered or not_done(reply, changes=False)

    async def settle(self) -> None:
        """Wait for what is being remembered."""
        if self._keeping:
            await asyncio.wait(self._keeping)

    async def _ask(self, asked: LookupAsked) -> Reply:
        request = self._platform.enclose("lookup", self._platform.mint(), asked.payload, asked.forwarded)
        reply = await self._forward.ask(lambda seconds: self._platform.ask(request, seconds), repeatable=True)
        if isinstance(reply.outcome, Delivered):
            task = asyncio.create_task(self._keep(asked, reply.body), name="counter-remember")
            self._keeping.add(task)
            task.add_done_callback(self._keeping.discard)
        return reply

    async def _keep(self, asked: LookupAsked, body: bytes) -> None:
        """Remember an answer, if it is about one guest; the cashier does not wait for it."""
        payload: Any = json.loads(body).get("payload")
        names = names_of(payload)
        if not names:
            return
        try:
            await self._memory.keep([(asked.criterion, asked.value), *names], offers_of(payload), body)
        except AgentError as problem:
            _log.warning("gateway.not_remembered", reason=str(problem))


def _is_good(reply: Reply) -> bool:
    return isinstance(reply.outcome, Delivered)
