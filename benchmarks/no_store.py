"""The agent's server with everything on but the storing: a baseline of `ingest`.

Same protocol, door, credentials, reading of the sale, receipt codes and answer; only the commit is missing.
"""

import asyncio
import itertools
import signal
import sys
import uuid
from pathlib import Path
from typing import Any

import uvloop

from store_agent.agent import wiring
from store_agent.agent.keys import storage_keys
from store_agent.agent.metrics import Metrics
from store_agent.agent.store import make_terminals
from store_agent.api.app import Neighbours, build_app
from store_agent.api.callers import Callers
from store_agent.api.server import listen, make_server
from store_agent.clock import SystemClock
from store_agent.config.load import load
from store_agent.config.settings import Settings
from store_agent.domain.card_data import CardRules
from store_agent.domain.card_names import IDENTIFICATION, exempt
from store_agent.domain.container import Identity
from store_agent.domain.link import Link
from store_agent.domain.receipts import add_codes
from store_agent.domain.space import Outlook, Room
from store_agent.printing.forms import Look
from store_agent.storage.database import open_database
from store_agent.storage.intake import Accepted
from store_agent.storage.terminals import Terminal


class ForgetfulIntake:
    """Answers like the real one, and keeps nothing."""

    def __init__(self):
        self._sequence = itertools.count(1)

    async def accept(self, arrivals):
        return [self._accepted(arrival) for arrival in arrivals]

    async def known(self, _):
        return None

    def _accepted(self, arrival):
        coded = add_codes(arrival.sale, {}, lambda: str(uuid.uuid4()))
        coded.text.encode()
        warnings = [warning.as_json() for warning in arrival.warnings]
        sale = arrival.sale
        return Accepted(next(self._sequence), sale.transaction_id, sale.digest, arrival.live, coded.codes, warnings)


class NoLine:
    """A line that is down, as the agent's is during `ingest`."""

    link = Link(since=0.0)
    live = False

    def wake(self, newest=None):
        pass

    async def resume(self):
        return 0


class Roomy:
    """A disk with room."""

    words = ""
    room = Room.PLENTY
    free = 10**9
    reserved = 0
    outlook = Outlook(100_000, None)

    def admit(self, _):
        return True


class NoShelf:
    """No catalog and no employees, as for the agent during `ingest`."""

    def current(self):
        return None


class Fine:
    """Always well."""

    def problems(self):
        return []


async def _terminals(settings: Settings) -> list[Terminal]:
    clock = SystemClock()
    async with open_database(settings.storage.directory, clock, keys=storage_keys(settings)) as database:
        return await make_terminals(database, clock).all()


async def main(config: Path) -> None:
    settings = load(config)
    callers = Callers("unused", SystemClock())
    callers.replace(await _terminals(settings))
    limits = wiring.make_limits(settings)
    unused: Any = None
    bare: Any = NoShelf()
    app = build_app(
        Neighbours(
            intake=ForgetfulIntake(),
            counter=unused,
            imports=unused,
            catalog=bare,
            employees=bare,
            uploads=unused,
            outbox=unused,
            attention=unused,
            receipts=unused,
            desk=unused,
            ahead=unused,
            spool=unused,
            repair=unused,
            exports=unused,
            days=unused,
            incidents=unused,
            terminals=unused,
            line=NoLine(),
            space=Roomy(),
            overview=unused,
            reload=unused,
            health=Fine(),
            metrics=Metrics(SystemClock()),
            hub=unused,
            tell=unused,
            clock=SystemClock(),
        ),
        callers,
        Identity(settings.store.store_id, settings.store.client_id),
        receipt_url=settings.receipts.base_url,
        look=Look(),
        allowed_hosts=settings.api.allowed_hosts,
        limits=limits,
        card_rules=CardRules(exempt(IDENTIFICATION)),
        relayed=(),
    )
    listener = listen(settings.api.host, settings.api.port)
    server = make_server(app, limits)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, lambda: setattr(server, "should_exit", True))
    await server.serve(sockets=[listener])


if __name__ == "__main__":
    uvloop.run(main(Path(sys.argv[1])))
