"""The local API on a real socket in the test's own loop, on a real database; only the line is made up."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx

from store_agent.agent.metrics import Metrics
from store_agent.api.app import Neighbours, build_app
from store_agent.api.callers import Callers
from store_agent.api.hub import Hub
from store_agent.api.limits import Limits
from store_agent.api.server import Server, listen, make_server
from store_agent.api.spool import Spool
from store_agent.clock import SystemClock
from store_agent.domain.batch import BatchLimits
from store_agent.domain.card_data import CardRules
from store_agent.domain.card_names import IDENTIFICATION, exempt
from store_agent.domain.container import Identity
from store_agent.domain.link import Link
from store_agent.domain.prints import Condition
from store_agent.domain.settle import Deliver, Park
from store_agent.printing.forms import Look
from store_agent.printing.printer import Printer
from store_agent.printing.qr import Drawing
from store_agent.storage import sqlite
from store_agent.storage.ahead import Ahead
from store_agent.storage.attention import Attention
from store_agent.storage.database import Database
from store_agent.storage.days import Days
from store_agent.storage.desk import Desk
from store_agent.storage.exports import Exports
from store_agent.storage.incidents import Incidents
from store_agent.storage.intake import Intake
from store_agent.storage.outbox import Outbox
from store_agent.storage.prints import Prints
from store_agent.storage.receipts import Receipts
from store_agent.storage.repair import Repair
from store_agent.storage.terminals import Terminals, hash_token
from store_agent.storage.uploads import Uploads
from tests.support.arrivals import another, assemble
from tests.support.bare_shelf import BareShelf
from tests.support.roomy import Roomy

LOOK = Look("Scan to collect your points", Drawing())


class MadeUpLine:
    """A line that nothing goes over; notes what it is told."""

    live = False

    def __init__(self, outbox: Outbox) -> None:
        self.link = Link(since=0.0)
        self.woken = 0
        self.resumed = 0
        self._outbox = outbox

    async def resume(self) -> int:
        self.resumed += 1
        return await self._outbox.unpark_burst(None)

    def wake(self, newest: int | None = None) -> None:
        self.woken += 1


class NothingElse:
    """No chores and no clock to tell of."""

    words: list[str] = []  # noqa: RUF012 - never changed

    def as_json(self) -> dict[str, Any]:
        return {}


class Well:
    def problems(self) -> list[str]:
        return []


class Shifted(SystemClock):
    """The machine's clock, ahead by as many seconds as a test wants."""

    ahead = 0.0

    def wall(self) -> float:
        return super().wall() + self.ahead


class Served:
    """`manager` and `cashier` are clients; `sell` and `answer` bring sales into the states that a test needs."""

    def __init__(self, database: Database, receipt_url: str | None) -> None:
        self.receipt_url = receipt_url
        self.clock = Shifted()
        self.database = database
        self.intake = Intake(database, self.clock, None)
        self.outbox = Outbox(database, self.clock)
        self.hub = Hub(self.clock.wall)
        self.line = MadeUpLine(self.outbox)
        self.space = Roomy()
        self.counter: Any = None
        self.uploads = Uploads(database, self.clock)
        self.prints = Prints(database, self.clock, keep_max=10)
        self.printers: dict[str, Printer] = {}
        self.conditions: dict[str, Condition] = {}
        self.hurry: Callable[[str], Any] = lambda _: None
        self.reload: Callable[[str, str], Any] = lambda _by, _reason: None
        self.catalog: Any
        self.employees: Any
        self.terminals = Terminals(database, self.clock, lambda: "cashier-token")
        self.server: Server
        self.manager: httpx.AsyncClient
        self.cashier: httpx.AsyncClient

    def app(self, callers: Callers, limits: Limits) -> Any:
        neighbours = Neighbours(
            intake=self.intake,
            counter=self.counter,
            imports=self.counter,
            catalog=self.catalog,
            employees=self.employees,
            uploads=self.uploads,
            outbox=self.outbox,
            attention=Attention(self.database),
            receipts=Receipts(self.database),
            desk=Desk(self.database),
            ahead=Ahead(self.database, self.clock, lambda: str(uuid.uuid4())),
            spool=Spool(
                self.printers,
                self.conditions,
                self.prints,
                self.space,
                hurry=self._hurry,
                clock=self.clock,
                tell=self.hub.publish,
            ),
            repair=Repair(self.database, self.clock),
            exports=Exports(self.database, self.clock),
            days=Days(self.database, self.clock),
            incidents=Incidents(self.database, self.clock),
            terminals=self.terminals,
            line=self.line,
            space=self.space,
            overview=NothingElse(),
            reload=self.reload,
            health=Well(),
            metrics=Metrics(self.clock),
            hub=self.hub,
            tell=self.hub.publish,
            clock=self.clock,
        )
        identity = Identity("1234x", "retailer-1")
        return build_app(
            neighbours,
            callers,
            identity,
            receipt_url=self.receipt_url,
            look=LOOK,
            allowed_hosts=["127.0.0.1"],
            limits=limits,
            card_rules=CardRules(exempt(IDENTIFICATION)),
            relayed=(),
        )

    def _hurry(self, printer: str) -> None:
        self.hurry(printer)

    async def sell(self, *names: str) -> list[int]:
        """Take a new state of each; gives the sequences."""
        return [taken.sequence for taken in await self.intake.accept([another(name) for name in names])]

    async def answer(self, decision: Deliver | Park) -> None:
        """Settle everything that waits with the same decision, one by one."""
        while batches := await self.outbox.freeze(100, BatchLimits(count_max=1), assemble):
            for batch in batches:
                await self.outbox.settle(batch, decision, assemble)

    async def states(self) -> list[str]:
        return [row.state.value for row in (await self.outbox.page(0, 1_000)).rows]

    async def ask(self, path: str, **parameters: Any) -> Any:
        """Get a payload as the manager."""
        answer = await self.manager.get(path, params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()["payload"]

    async def do(self, path: str, **body: Any) -> Any:
        """Post as the manager Ada; gives the payload."""
        answer = await self.manager.post(path, json={"by": "Ada", **body})
        assert answer.status_code == 200, answer.text
        return answer.json()["payload"]

    async def refused(self, path: str, status: int, **body: Any) -> Any:
        """Post as the manager Ada what is refused; gives the errors."""
        answer = await self.manager.post(path, json={"by": "Ada", **body})
        assert answer.status_code == status, answer.text
        return answer.json()["errors"]


Serve = Callable[[], Any]


def _let_in(raw: sqlite.Connection) -> None:
    """Let lane-1 in without an entry in the audit, which tests look at."""
    raw.execute(
        "INSERT INTO terminal (name, token_hash, added_at) VALUES ('lane-1', ?, 0)", (hash_token("cashier-token"),)
    )


@asynccontextmanager
async def serve(
    database: Database,
    limits: Limits | None = None,
    *,
    catalog: Any = None,
    employees: Any = None,
    receipt_url: str | None = "https://rewards.example.com/r/",
) -> AsyncIterator[Served]:
    """Serve for as long as the context lasts."""
    served = Served(database, receipt_url)
    served.catalog, served.employees = catalog or BareShelf(), employees or BareShelf()
    limits = limits or Limits()
    await database.write(_let_in)
    callers = Callers("manager-token", served.clock)
    callers.replace(await served.terminals.all())
    with listen("127.0.0.1", 0) as listener:
        listener.listen()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        served.server = make_server(served.app(callers, limits), limits)
        running = asyncio.create_task(served.server.serve(sockets=[listener]))
        async with (
            client(url, "manager", "manager-token") as manager,
            client(url, "lane-1", "cashier-token") as cashier,
        ):
            served.manager, served.cashier = manager, cashier
            yield served
        served.hub.close()
        served.server.should_exit = True
        await running


def client(url: str, name: str, token: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, auth=(name, token), timeout=20.0, trust_env=False)
