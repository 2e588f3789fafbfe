"""A store's counter and queue over a real database, in front of a platform; the drain's part is played by hand."""

import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from store_agent.domain.batch import BatchLimits, FrozenBatch
from store_agent.domain.container import Container, read_container
from store_agent.domain.counter import ALLOW_REMEMBERED, read_give_back, read_lookup, read_offer
from store_agent.domain.counter_answer import Answer, Passed
from store_agent.domain.lifecycle import State
from store_agent.domain.offers import OfferAction
from store_agent.domain.offline_offers import Caps
from store_agent.domain.outcome import Outcome
from store_agent.domain.repair import Action, Deed
from store_agent.domain.settle import Keep, decide
from store_agent.gateway.gateway import Gateway, Rules
from store_agent.gateway.lookup import MemoryRules
from store_agent.gateway.offers import OfflineRules
from store_agent.gateway.tidying import Tidying
from store_agent.sandbox.guests import GUESTS
from store_agent.storage.database import Database, open_database
from store_agent.storage.intake import Accepted, Intake
from store_agent.storage.offers import Offers
from store_agent.storage.outbox import Outbox
from store_agent.storage.remembered import FILE_NAME, Bounds, Remembered, open_remembered
from store_agent.storage.repair import Repair
from tests.gateway.far import MadeUpLine
from tests.offers.platform import IDENTITY, Platform, Wire
from tests.support.arrivals import arrival
from tests.support.hands import HandSetClock
from tests.support.queued import assemble
from tests.support.roomy import Roomy

GUEST = GUESTS[0]
OFFER, OTHER_OFFER = (offer.offer_id for offer in GUEST.offers[:2])
SHORT_CODE = GUEST.offers[0].ttl_code
OPEN_SECONDS = 3_600
"""For how long a lock may be open."""

_DAY = 86_400
_TRIES_MAX = 200
_ROUNDS = 4
"""Passes of the queue and of tidying after which nothing is left to do."""


class Rig:
    """Offers are applied offline where `generous`. `flying` are the requests that are made and not settled."""

    def __init__(self, database: Database, memory: Remembered, clock: HandSetClock, *, generous: bool) -> None:
        self.clock = clock
        self.memory = memory
        self.platform = Platform(clock)
        self.flying: list[FrozenBatch] = []
        self._numbers = itertools.count(1)
        self._database = database
        self._outbox = Outbox(database, clock)
        self._intake = Intake(database, clock, None)
        self._repair = Repair(database, clock)
        offers, line = Offers(database, clock), MadeUpLine()
        rules = Rules(
            deadline=3.0,
            repeat=30.0,
            memory=MemoryRules(allowed=False, seconds=_DAY),
            offline=OfflineRules(
                generous, Caps(per_offer=1, per_guest_day=50, per_store_day=50), _DAY, lambda _: "day"
            ),
        )
        self.gateway = Gateway(
            self.platform, offers=offers, memory=memory, line=line, room=Roomy(), clock=clock, rules=rules
        )
        self._tidying = Tidying(offers, line, clock, OPEN_SECONDS, lambda _: None)

    async def look_up(self) -> None:
        """Look the guest up, so that the offers are remembered."""
        asked = {"user_id": GUEST.user_id, "transaction": {"transaction_id": "T-0", "subtotal": 10}}
        await self.gateway.lookup("lane-1", read_lookup(_container(asked)))
        await self.gateway.settle()

    async def apply(
        self,
        sale: str = "T-1",
        *,
        action: OfferAction = OfferAction.LOCK,
        offer: str = OFFER,
        by: str = "UserOfferId",
        terminal: str = "lane-1",
        subtotal: int = 10,
    ) -> Answer:
        """Ask for an offer for a check."""
        check = {"transaction_id": sale, "pos_employee_id": "1000", "subtotal": subtotal, "items": []}
        asked = {"offer_lookup_code": offer, "offer_lookup_type": by, "transaction": check}
        return await self.gateway.apply(terminal, read_offer(_container(asked), action))

    async def lock(self, sale: str = "T-1", **changes: Any) -> dict[str, Any]:
        """Lock an offer for a check, which must succeed; gives its discount."""
        discount = discount_of(await self.apply(sale, **changes))
        assert discount is not None
        return discount

    async def give_back(self, call: str = "unlock", offer: str = OFFER) -> Answer:
        """Unlock or reinstate an offer."""
        asked = {"user_offer_id": offer, "employee_id": "1000"}
        return await self.gateway.give_back("lane-1", read_give_back(_container(asked), call))

    async def sell(self, sale: str = "T-1", *discounts: dict[str, Any], **fields: Any) -> Accepted:
        """Send a state of a check that was never sent before, closed unless said otherwise."""
        revision = {"revision": next(self._numbers)}
        (accepted,) = await self._intake.accept(
            [arrival(sale, discounts=list(discounts), custom_data=revision, **fields)]
        )
        return accepted

    async def freeze(self, count: int = 10) -> None:
        """Make a request of what waits, of `count` members at most."""
        self.flying += await self._outbox.freeze(1, BatchLimits(count), assemble)

    async def send(self, number: int = 0) -> None:
        """Try one of the requests that are made."""
        batch = self.flying[number]
        body = batch.body or await self._outbox.body(batch.number)
        assert body is not None
        await self.settle(self.platform.send(batch, body), number)

    async def settle(self, outcome: Outcome, number: int = 0) -> None:
        """Let a request end as it was answered."""
        batch = self.flying.pop(number)
        decision = decide(outcome, batch, blamed=False)
        smaller = await self._outbox.settle(batch, decision, assemble)
        self.flying = [*smaller, *self.flying, *([batch] if isinstance(decision, Keep) else [])]

    async def drain(self) -> None:
        """Send until nothing waits; the counter makes requests of its own too."""
        for _ in range(_TRIES_MAX):
            if not self.flying:
                self.flying = await self._outbox.unsettled()
            if not self.flying:
                await self.freeze()
            if not self.flying:
                return
            await self.send()
        raise AssertionError("The queue comes to no end.")

    async def tidy(self, seconds: float = 2 * OPEN_SECONDS) -> None:
        """Let time pass, and have forgotten offers taken back."""
        self.clock.let_pass(seconds)
        await self._tidying.run_once()

    async def rest(self) -> None:
        """Mend the line and go on until nothing is left to do."""
        self.platform.wire = Wire.UP
        for _ in range(_ROUNDS):
            await self.drain()
            await self.tidy()
        await self.drain()

    async def parked(self) -> list[int]:
        """Give the sequences of what the platform refused."""
        query = "SELECT sequence FROM revision WHERE state = ?"
        rows = await self._database.read(lambda raw: raw.execute(query, (State.PARKED,)).fetchall())
        return [sequence for (sequence,) in rows]

    async def repair(self, action: Action, sequence: int) -> None:
        """Have the manager retry or discard what was refused."""
        await self._repair.do(Deed(action, "manager", "mended"), [sequence])

    def offer(self, offer: str = OFFER) -> dict[str, Any]:
        """Look at an offer at the platform."""
        return self.platform.offer(offer)


@asynccontextmanager
async def open_rig(directory: Path, *, generous: bool = True) -> AsyncIterator[Rig]:
    """Open a store in a directory."""
    clock = HandSetClock()
    async with open_database(directory, clock) as database:
        memory = await open_remembered(directory / FILE_NAME, "ab" * 32, clock, Bounds(_DAY, 100))
        rig = Rig(database, memory, clock, generous=generous)
        try:
            yield rig
        finally:
            await rig.gateway.settle()
            await memory.close()


def discount_of(answer: Answer) -> dict[str, Any] | None:
    """Find the discount in an answer; None where the offer was not applied."""
    if not isinstance(answer, Passed) or answer.status != 200:
        return None
    payload: dict[str, Any] = json.loads(answer.body)["payload"]
    return payload


def _container(payload: dict[str, Any]) -> Container:
    return read_container(json.dumps({"request_payload": payload}).encode(), IDENTITY, frozenset({ALLOW_REMEMBERED}))
