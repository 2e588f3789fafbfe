"""The gateway as the API sees it: one door to all calls at the counter."""

from dataclasses import dataclass

from store_agent.clock import Clock
from store_agent.domain.counter import GiveBackAsked, LookupAsked, OfferAsked
from store_agent.domain.counter_answer import Answer
from store_agent.domain.relayed import RelayAsked, Upstream
from store_agent.domain.roles import Role
from store_agent.gateway.afterwards import Afterwards
from store_agent.gateway.breaker import Breaker
from store_agent.gateway.forward import Forward
from store_agent.gateway.giving_back import GivingBack
from store_agent.gateway.lookup import Lookups, MemoryRules
from store_agent.gateway.offers import OfferCalls, OfflineRules
from store_agent.gateway.recent import Recent
from store_agent.gateway.relay import Relay
from store_agent.gateway.seams import Line, Memory, Offers, Platform, Room


@dataclass(frozen=True, slots=True)
class Rules:
    """Seconds: `deadline` for a call, `repeat` within which the same call gets the same answer."""

    deadline: float
    repeat: float
    memory: MemoryRules
    offline: OfflineRules


class Gateway:
    """All calls at the counter."""

    def __init__(
        self,
        platform: Platform,
        *,
        offers: Offers,
        memory: Memory,
        line: Line,
        room: Room,
        clock: Clock,
        rules: Rules,
    ) -> None:
        def forward(*, shared: bool) -> Forward:
            return Forward(Breaker(line, clock, shared=shared), clock, rules.deadline)

        self._afterwards = Afterwards()
        pos = forward(shared=True)
        self._lookups = Lookups(
            platform,
            pos,
            memory=memory,
            recent=Recent(clock, rules.repeat),
            afterwards=self._afterwards,
            clock=clock,
            rules=rules.memory,
        )
        self._offers = OfferCalls(
            platform,
            pos,
            offers=offers,
            memory=memory,
            afterwards=self._afterwards,
            line=line,
            clock=clock,
            rules=rules.offline,
        )
        self._giving_back = GivingBack(
            platform, pos, offers=offers, line=line, room=room, recent=Recent(clock, rules.repeat)
        )
        self._relay = Relay(
            platform,
            forwards={upstream: forward(shared=False) for upstream in Upstream},
            memory=memory,
            afterwards=self._afterwards,
            offers=offers,
            line=line,
            room=room,
            clock=clock,
            remember_seconds=rules.memory.seconds,
        )

    def use(self, platform: Platform) -> None:
        """Ask another adapter of the platform from now on: with new credentials, for example."""
        for calls in (self._lookups, self._offers, self._giving_back, self._relay):
            calls.use(platform)

    async def lookup(self, terminal: str, asked: LookupAsked) -> Answer:
        """Look a guest up."""
        return await self._lookups.lookup(terminal, asked)

    async def apply(self, terminal: str, asked: OfferAsked) -> Answer:
        """Lock or redeem an offer for a transaction."""
        return await self._offers.apply(terminal, asked)

    async def give_back(self, terminal: str, asked: GiveBackAsked) -> Answer:
        """Unlock or reinstate an offer."""
        return await self._giving_back.give_back(terminal, asked)

    async def relay(self, terminal: str, role: Role, asked: RelayAsked) -> Answer:
        """Make a call to one of the platform's other upstreams."""
        return await self._relay.relay(terminal, role, asked)

    async def settle(self) -> None:
        """Finish what goes on beside the answers."""
        await self._afterwards.settle()
