"""An outbox into which sales and deferred calls come, for tests."""

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from store_agent.clock import SystemClock
from store_agent.cloud.sessionm.wire import assemble as assemble_for
from store_agent.domain.batch import BatchLimits, FrozenBatch, Member, Request
from store_agent.domain.container import Identity
from store_agent.domain.repair import Action, Deed
from store_agent.domain.settle import Deliver, Keep, Park
from store_agent.storage.database import Database
from store_agent.storage.deferral import Deferral
from store_agent.storage.intake import Intake
from store_agent.storage.offers import Offers
from store_agent.storage.outbox import Outbox
from store_agent.storage.repair import Repair
from tests.support.arrivals import another

LIMITS = BatchLimits()


def assemble(members: Sequence[Member]) -> Request:
    return assemble_for(members, Identity("1234x", "retailer-1"), None, lambda: str(uuid.uuid4()))


def call(subject: str = "offer:1", follows: str | None = None, **changes: Any) -> Deferral:
    named: dict[str, Any] = {"terminal": "lane-1", "call": "unlock", "payload": '{"user_offer_id": "1"}'} | changes
    return Deferral(subject=subject, follows=follows, **named)


class Queue:
    """An outbox into which sales and calls come; sequences are given in order of arrival."""

    def __init__(self, database: Database, mint: Callable[[], str] | None = None) -> None:
        clock = SystemClock()
        self.outbox = Outbox(database, clock)
        self._intake = Intake(database, clock, mint)
        self._offers = Offers(database, clock)
        self._repair = Repair(database, clock)

    async def sell(self, *names: str) -> list[int]:
        return [one.sequence for one in await self._intake.accept([another(name) for name in names])]

    async def defer(self, deferral: Deferral) -> int:
        return await self._offers.defer(deferral)

    async def freeze(self) -> list[FrozenBatch]:
        return await self.outbox.freeze(100, LIMITS, assemble)

    async def next(self) -> list[int]:
        """See what may go now."""
        return sorted(member for batch in await self.freeze() for member in batch.members)

    async def settle(self, decision: Deliver | Park | Keep) -> None:
        for batch in await self.outbox.unsettled():
            await self.outbox.settle(batch, decision, assemble)

    async def do(self, action: Action, *sequences: int) -> None:
        await self._repair.do(Deed(action, "manager", "because"), list(sequences))

    async def states(self) -> dict[int, str]:
        return {row.sequence: row.state.value for row in (await self.outbox.page(0, 1_000)).rows}

    async def accepted(self) -> int:
        books = await self.outbox.books()
        assert books.balanced
        return books.accepted.revisions
