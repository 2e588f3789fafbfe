"""A store's database, drain and line to the sandbox, for tests."""

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

from store_agent.clock import SystemClock
from store_agent.cloud.access import Access
from store_agent.cloud.sessionm.platform import SessionM
from store_agent.cloud.transport import Timeouts, Transport
from store_agent.domain.backoff import Backoff
from store_agent.domain.container import Identity
from store_agent.domain.events import Event
from store_agent.domain.lifecycle import State
from store_agent.domain.link import LinkRules, LinkState
from store_agent.drain.drain import Drain
from store_agent.drain.line import LineRules
from store_agent.sandbox.server import SandboxServer
from store_agent.storage.database import Database
from store_agent.storage.intake import Intake
from store_agent.storage.outbox import Outbox
from tests.support.arrivals import arrival

RULES = LineRules(
    concurrency=3,
    link=LinkRules(backoff=Backoff(0.01, 0.1), probe_interval=0.1, throttle_cap=0.2),
)
WITHIN = 60.0


class Store:
    """A database, a drain and a line to the sandbox."""

    def __init__(self, database: Database, url: str, rules: LineRules = RULES, secret: str = "sandbox-secret"):
        clock = SystemClock()
        self.intake = Intake(database, clock, None)
        self.outbox = Outbox(database, clock)
        self.transport = Transport(url, Timeouts(connect=2, write=2, read=0.4, whole=0.6))
        platform = SessionM(
            Access(self.transport, key="sandbox-key", secret=secret),
            identity=Identity("1", "c"),
            culture=None,
            clock=clock,
            mint=lambda: str(uuid.uuid4()),
        )
        self.events: list[Event] = []
        self.drain = Drain(self.outbox, platform, clock, chance=lambda: 1.0, rules=rules, tell=self.events.append)
        self.task: asyncio.Task[None] | None = None

    async def sell(self, *names: str, **fields: Any) -> None:
        accepted = await self.intake.accept([arrival(name, **fields) for name in names])
        self.drain.wake(accepted[-1].sequence)

    def start(self) -> None:
        self.task = asyncio.create_task(self.drain.run())

    async def stop(self) -> None:
        self.drain.stop()
        if self.task is not None:
            await self.task

    async def until(self, reached: Callable[[dict[State, int]], bool]) -> dict[State, int]:
        async with asyncio.timeout(WITHIN):
            while True:
                books = await self.outbox.books()
                counts = {state: tally.revisions for state, tally in books.by_state.items()}
                if reached(counts):
                    assert books.balanced
                    return counts

    async def drained(self, delivered: int) -> None:
        await self.until(lambda counts: counts[State.DELIVERED] == delivered)

    async def link_is(self, state: LinkState) -> None:
        async with asyncio.timeout(WITHIN):
            while self.drain.link.state is not state:  # noqa: ASYNC110 - each turn lets the drain go on
                await asyncio.sleep(0)

    async def told(self, name: str) -> None:
        async with asyncio.timeout(WITHIN):
            while name not in [event.name for event in self.events]:  # noqa: ASYNC110 - each turn lets the drain go on
                await asyncio.sleep(0)


def names(count: int) -> list[str]:
    return [f"T-{number:03}" for number in range(count)]


def batches(platform: SandboxServer) -> list[list[str]]:
    return [request["transactions"] for request in platform.account()["requests"] if request["processed"]]


def arrived_once(platform: SandboxServer, expected: list[str]) -> None:
    account = platform.account()
    assert sorted(account["transactions"]) == sorted(expected)
    assert all(len(revisions) == 1 for revisions in account["transactions"].values())
    assert account["totals"]["conflicts"] == account["totals"]["doubled"] == 0
