"""One life of the agent, put together as `store_agent.agent.wiring` does; only this place knows how.

A crash cuts the disk and the line first, so that nothing the dying tasks still do can have an effect, and then drops
the tasks. What was sent stays under way.
"""

import asyncio
import json
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar, cast

from store_agent.api.cards import CardGuard
from store_agent.api.ingest import Ingest
from store_agent.api.limits import Limits
from store_agent.api.mender import Mender
from store_agent.api.named import Named
from store_agent.api.rendered import Rendering
from store_agent.cloud.access import Access
from store_agent.cloud.sessionm.platform import SessionM
from store_agent.cloud.transport import Transport
from store_agent.domain.backoff import Backoff
from store_agent.domain.batch import BatchLimits
from store_agent.domain.card_data import CardRules
from store_agent.domain.card_names import IDENTIFICATION, exempt
from store_agent.domain.container import Identity
from store_agent.domain.events import Event
from store_agent.domain.jsontext import ObjectText
from store_agent.domain.link import Link, LinkRules
from store_agent.domain.transaction import Sale, read_sale
from store_agent.drain.drain import Drain
from store_agent.drain.line import LineRules
from store_agent.errors import StorageFailure
from store_agent.printing.forms import Look
from store_agent.storage import sqlite
from store_agent.storage.connection import Connection
from store_agent.storage.database import Database
from store_agent.storage.intake import Accepted, Arrival, Intake
from store_agent.storage.outbox import Outbox
from store_agent.storage.repair import Repair
from tests.simulation.clock import VirtualClock
from tests.simulation.disk import Disk, SimulatedConnection, WritingConnection, roll_back
from tests.simulation.faults import Weather
from tests.simulation.loop import OWNER
from tests.simulation.network import Line
from tests.simulation.plan import Plan
from tests.simulation.sales import PlannedSale
from tests.simulation.trace import Trace
from tests.simulation.verdict import Verdict
from tests.support.bare_shelf import BareShelf
from tests.support.roomy import Roomy

T = TypeVar("T")

_IDENTITY = Identity("1", "c")

STOP_SECONDS_MAX = 90.0
"""A stop that takes longer is ended by the system (systemd's default)."""


class Gone(Exception):
    """The agent ended, or did not answer in time."""


@dataclass(frozen=True)
class Surroundings:
    """What all lives of the agent share.

    `raws` are the writing and the reading connection. They stay open over all lives, which saves a third of the time:
    nothing of them outlives a crash but what a file would keep too.
    """

    raws: tuple[WritingConnection, sqlite.Connection]
    plan: Plan
    clock: VirtualClock
    weather: Weather
    line: Callable[[], Line]
    verdict: Verdict
    trace: Trace
    read: dict[int, Sale] = field(default_factory=dict)


class Agent:
    """Lives from its making until `kill` or `stop`; `ended` is set then. Make it inside the loop."""

    def __init__(self, around: Surroundings, chance: Random) -> None:
        self.tasks: list[asyncio.Task[Any]] = []
        self.ended = asyncio.Event()
        self._around = around
        self._chance = chance
        self._stopping = False
        self._context = copy_context()
        self._context.run(OWNER.set, self)
        disk_chance = Random(chance.random())  # noqa: S311 - the same seed must draw the same
        self.disk = Disk(around.weather, disk_chance, around.plan.pace.disk, self.kill)
        around.raws[0].disk = self.disk
        self._context.run(self._build)
        self._running = self.spawn(self.drain.run())
        self._running.add_done_callback(self._ended)

    @property
    def online(self) -> bool:
        """Tell whether the agent believes that its line is up."""
        return self.link.up

    @property
    def link(self) -> Link:
        """The line as the agent sees it."""
        return self.drain.link

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start a task that dies with the agent."""
        return asyncio.get_running_loop().create_task(work, context=self._context)

    async def ask(self, work: Coroutine[Any, Any, T], patience: float = 20.0) -> T:
        """Have the agent do something. Raises Gone when it ends meanwhile or takes longer than `patience` seconds."""
        if self.disk.dead or self._stopping:
            work.close()
            raise Gone
        task = self.spawn(work)
        await asyncio.wait([task], timeout=patience)
        if not task.done() or task.cancelled():
            task.add_done_callback(_seen)
            raise Gone
        return task.result()

    async def sell(self, terminal: str, sales: Sequence[PlannedSale]) -> list[Accepted]:
        """Do what the API does with the sales of a call once they are read."""
        return await self._ingest._store([self._arrival(terminal, sale) for sale in sales], b"")

    def kill(self) -> None:
        """End here and now."""
        if self.disk.dead:
            return
        self._around.trace.note("agent dies")
        self.disk.dead = True
        roll_back(self._around.raws[0])
        for task in self.tasks:
            task.cancel()
        self.ended.set()

    async def stop(self) -> None:
        """End as on SIGTERM: answer the calls in hand, write down the answers at hand, close."""
        self._stopping = True
        stopping = self.spawn(self._stop())
        await asyncio.wait([stopping], timeout=STOP_SECONDS_MAX)
        self.kill()

    async def _stop(self) -> None:
        self.drain.stop()
        await asyncio.wait([self._running])
        await self._database.writer.stop()

    def _build(self) -> None:
        around, tuning = self._around, self._around.plan.tuning
        clock = around.clock
        writing, *readers = (
            SimulatedConnection(raw, self.disk, reads=place > 0) for place, raw in enumerate(around.raws)
        )
        self._database = Database(cast("Connection", writing), cast("list[Connection]", readers), clock)
        intake = Intake(self._database, clock, self._mint)
        self.outbox = Outbox(self._database, clock)
        platform = SessionM(
            Access(cast("Transport", around.line()), key="key", secret="secret"),
            identity=_IDENTITY,
            culture=None,
            clock=clock,
            mint=self._mint,
        )
        rules = LineRules(
            concurrency=tuning.concurrency,
            limits=BatchLimits(tuning.count_max, tuning.bytes_max),
            link=LinkRules(Backoff(0.5, 30.0, tuning.spread), tuning.probe_interval, 300.0),
        )
        self.drain = Drain(self.outbox, platform, clock, chance=self._chance.random, rules=rules, tell=self._tell)
        bare: Any = BareShelf()
        named = Named(bare, bare, clock)
        self._ingest = Ingest(
            intake,
            self.drain,
            Roomy(),
            named,
            _IDENTITY,
            cards=CardGuard(CardRules(exempt(IDENTIFICATION)), self._tell),
            rendering=Rendering(Look()),
            receipt_url=None,
            limits=Limits(),
            clock=clock,
            heard=lambda *_: None,
        )
        self.mender = Mender(self.outbox, Repair(self._database, clock), self.drain, self._tell)

    def _tell(self, event: Event) -> None:
        self._around.trace.note(event.name, event.words)

    def _arrival(self, terminal: str, sale: PlannedSale) -> Arrival:
        read = self._around.read.get(sale.marker)
        if read is None:
            text = ObjectText(sale.text, 0, len(sale.text), json.loads(sale.text))
            read = self._around.read[sale.marker] = read_sale(text, "", user_known=sale.alone)
        return Arrival(terminal, read, sale.forwarded, sale.alone, self.drain.live, "")

    def _mint(self) -> str:
        return f"{self._chance.getrandbits(64):016x}"

    def _ended(self, running: asyncio.Task[None]) -> None:
        """End with the drain, as the runtime does; only a database that cannot be read at the start may end it."""
        if self._stopping or self.disk.dead:
            return
        failure = None if running.cancelled() else running.exception()
        expected = isinstance(failure, StorageFailure)
        self._around.verdict.expect(expected, "G2", f"the agent ended by itself: {_shown(failure)}")
        self.kill()


def _seen(task: asyncio.Task[Any]) -> None:
    """Look at what a task ended in, since nobody else will."""
    with suppress(asyncio.CancelledError):
        task.exception()


def _shown(failure: BaseException | None) -> str:
    if isinstance(failure, BaseExceptionGroup):
        return "; ".join(_shown(one) for one in failure.exceptions)
    return repr(failure)
