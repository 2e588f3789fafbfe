"""A lane: it sends each call until it is acknowledged, and holds every answer against the ones before (G8, G9)."""

import asyncio
from dataclasses import dataclass
from typing import Protocol

from store_agent.errors import Busy, StorageFailure
from store_agent.storage.intake import Accepted
from tests.simulation.agent import Agent, Gone
from tests.simulation.plan import TillPlan
from tests.simulation.sales import PlannedSale
from tests.simulation.trace import Trace
from tests.simulation.verdict import Verdict

PATIENCE_SECONDS = 1.0
"""Between two tries of a till."""


class Store(Protocol):
    """Where the agent of the moment is found."""

    @property
    def agent(self) -> Agent | None:
        """The agent, if it runs."""
        ...

    def now(self) -> float:
        """Seconds since the start."""
        ...


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a till was told of a revision. `online` tells whether the line was up, as the agent saw it."""

    sale: PlannedSale
    sequence: int
    codes: tuple[tuple[str, str], ...]
    at: float
    online: bool


class Receipts:
    """Everything that was acknowledged, by marker."""

    def __init__(self, verdict: Verdict) -> None:
        self._verdict = verdict
        self._owners: dict[str, str] = {}
        self._codes: dict[tuple[str, str], str] = {}
        self._places: dict[tuple[str, int], Receipt] = {}
        self.by_marker: dict[int, Receipt] = {}

    def keep(self, terminal: str, receipt: Receipt) -> None:
        """Take an answer; the same sale from the same lane must get the same answer."""
        sale = receipt.sale
        before = self._places.setdefault((terminal, sale.marker), receipt)
        if (before.sequence, before.codes) != (receipt.sequence, receipt.codes):
            self._verdict.against("G9", f"{sale} was answered {before} and then {receipt}")
        self.by_marker.setdefault(sale.marker, receipt)
        for payment, code in receipt.codes:
            self._keep_code(sale.transaction_id, payment, code)

    def _keep_code(self, name: str, payment: str, code: str) -> None:
        owner = self._owners.setdefault(code, name)
        self._verdict.expect(owner == name, "G8", f"code {code} was given to {owner} and to {name}")
        before = self._codes.setdefault((name, payment), code)
        words = f"{name} got the code {before} for payment {payment!r} and then {code}"
        self._verdict.expect(before == code, "G8", words)


class Till:
    """Works off its plan."""

    def __init__(self, plan: TillPlan, store: Store, receipts: Receipts, trace: Trace) -> None:
        self._plan = plan
        self._store = store
        self._receipts = receipts
        self._trace = trace

    async def run(self) -> None:
        """Sell everything."""
        for call in self._plan.calls:
            await asyncio.sleep(call.pause)
            await self._insist(call.sales)

    async def _insist(self, sales: tuple[PlannedSale, ...]) -> None:
        while True:
            if await self._sold(sales):
                return
            await asyncio.sleep(PATIENCE_SECONDS)

    async def _sold(self, sales: tuple[PlannedSale, ...]) -> bool:
        agent = self._store.agent
        if agent is None:
            return False
        try:
            accepted = await agent.ask(agent.sell(self._plan.name, sales))
        except (Gone, Busy, StorageFailure) as failure:
            self._trace.note(self._plan.name, "is refused", type(failure).__name__)
            return False
        for sale, one in zip(sales, accepted, strict=True):
            self._keep(sale, one, online=agent.online)
        return True

    def _keep(self, sale: PlannedSale, one: Accepted, *, online: bool) -> None:
        self._trace.note(self._plan.name, "sold", f"{sale.transaction_id}#{sale.marker}", "as", one.sequence)
        codes = tuple((code.payment, code.code) for code in one.codes)
        self._receipts.keep(self._plan.name, Receipt(sale, one.sequence, codes, self._store.now(), online))
