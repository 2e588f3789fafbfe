"""A gateway over a real database and memory, in front of a made-up platform."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from store_agent.domain.container import Identity, read_container
from store_agent.domain.counter import ALLOW_REMEMBERED, read_give_back, read_lookup, read_offer
from store_agent.domain.counter_answer import Answer, Done, NotDone, Passed, Queued
from store_agent.domain.offers import OfferAction
from store_agent.domain.offline_offers import Caps
from store_agent.domain.relayed import RelayAsked
from store_agent.domain.reply import Reply
from store_agent.domain.roles import Role
from store_agent.gateway.gateway import Gateway, Rules
from store_agent.gateway.lookup import MemoryRules
from store_agent.gateway.offers import OfflineRules
from store_agent.storage.database import Database
from store_agent.storage.intake import Intake
from store_agent.storage.offers import Offers
from store_agent.storage.outbox import Outbox
from store_agent.storage.remembered import FILE_NAME, Bounds, Remembered, open_remembered
from tests.gateway.far import DOWN, MadeUpLine, MadeUpPlatform
from tests.support.hands import HandSetClock
from tests.support.roomy import Roomy

IDENTITY = Identity("1234x", "retailer-1")
KNOWN = {"reference_id": "offer-1", "user_id": "u-1", "status": "INFO", "display_name": "One coffee", "amount": 2.5}
OTHERS = [KNOWN | {"reference_id": f"offer-{number}"} for number in (2, 3)]
GUEST = {"user_reference_id": "u-1", "email": "m@example.com", "offers": [KNOWN, *OTHERS]}
FOUND = json.dumps({"status": "success", "payload": [GUEST]}).encode()
REPEAT_SECONDS = 30.0


class Till:
    """What a terminal asks, and what is behind the counter. Offline offers are allowed where `generous`."""

    def __init__(self, database: Database, memory: Remembered, clock: HandSetClock, *, generous: bool) -> None:
        self.clock = clock
        self.memory = memory
        self.platform = MadeUpPlatform(clock, DOWN)
        self.line = MadeUpLine()
        self.room = Roomy()
        self.offers = Offers(database, clock)
        self.outbox = Outbox(database, clock)
        self.intake = Intake(database, clock, None)
        self.database = database
        caps = Caps(per_offer=1, per_guest_day=2, per_store_day=3)
        rules = Rules(
            deadline=3.0,
            repeat=REPEAT_SECONDS,
            memory=MemoryRules(allowed=False, seconds=3_600),
            offline=OfflineRules(generous, caps, 3_600, lambda wall: f"day {wall // 86_400:.0f}"),
        )
        self.gateway = Gateway(
            self.platform, offers=self.offers, memory=memory, line=self.line, room=self.room, clock=clock, rules=rules
        )

    def answers(self, *replies: Reply) -> None:
        """Say what the platform answers from now on."""
        self.platform.replies = list(replies)

    async def lookup(self, terminal: str = "lane-1", *, remembered: bool | None = None, **criteria: Any) -> Answer:
        payload = {**(criteria or {"email": "m@example.com"}), "allow_remembered": remembered}
        answer = await self.gateway.lookup(terminal, read_lookup(self._container(payload)))
        await self.gateway.settle()
        return answer

    async def apply(self, action: str = "lock", offer: str = "offer-1", sale: str = "T-1", **changes: Any) -> Answer:
        transaction = {"transaction_id": sale, "pos_employee_id": "1000", "subtotal": 9}
        payload = {"offer_lookup_code": offer, "offer_lookup_type": "UserOfferId", "transaction": transaction} | changes
        return await self.gateway.apply("lane-1", read_offer(self._container(payload), OfferAction(action)))

    async def give_back(self, call: str = "unlock", offer: str = "offer-1", **changes: Any) -> Answer:
        payload = {"user_offer_id": offer, "employee_id": "1000"} | changes
        return await self.gateway.give_back("lane-1", read_give_back(self._container(payload), call))

    async def relay(self, method: str, path: str, body: bytes = b"", role: Role = Role.CASHIER) -> Answer:
        answer = await self.gateway.relay("lane-1", role, RelayAsked(method, path, "", body))
        await self.gateway.settle()
        return answer

    async def uses(self) -> list[tuple[str, str]]:
        query = "SELECT transaction_id, state FROM offer_use ORDER BY number"
        return await self.database.read(lambda raw: raw.execute(query).fetchall())

    async def queued(self) -> list[tuple[Any, ...]]:
        query = "SELECT sequence, call, state FROM revision WHERE call IS NOT NULL ORDER BY sequence"
        return await self.database.read(lambda raw: raw.execute(query).fetchall())

    def _container(self, payload: dict[str, Any]) -> Any:
        body = json.dumps({"request_payload": payload}).encode()
        return read_container(body, IDENTITY, frozenset({ALLOW_REMEMBERED}))


@asynccontextmanager
async def open_till(database: Database, directory: Path, *, generous: bool = False) -> AsyncIterator[Till]:
    """Open a till whose memory is in a directory."""
    clock = HandSetClock()
    memory = await open_remembered(directory / FILE_NAME, "ab" * 32, clock, Bounds(86_400, 100))
    till = Till(database, memory, clock, generous=generous)
    try:
        yield till
    finally:
        await till.gateway.settle()
        await memory.close()


def told(answer: Answer) -> str:
    """Put an answer into a word: its code, or how it ended."""
    if isinstance(answer, NotDone):
        return answer.code
    if isinstance(answer, Queued):
        return "queued"
    if isinstance(answer, Done):
        return str((answer.payload or {}).get("delivery"))
    return "remembered" if "Age" in answer.headers else f"passed {answer.status}"


def payload(answer: Answer) -> Any:
    assert isinstance(answer, Passed)
    return json.loads(answer.body)["payload"]
