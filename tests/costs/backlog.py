"""A database with waiting sales on the caller's own thread, and the work that the agent has with it.

The work goes through the commit of the product, without its threads: what they do is counted where it is done.
"""

import random
import uuid
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, cast

from store_agent.api.cards import _screen
from store_agent.cloud.sessionm.wire import assemble
from store_agent.domain.batch import BatchLimits, FrozenBatch, Stretch
from store_agent.domain.card_data import CardRules
from store_agent.domain.card_names import IDENTIFICATION, exempt
from store_agent.domain.container import Identity, read_container
from store_agent.domain.settle import Deliver
from store_agent.domain.transaction import Sale, read_sale
from store_agent.storage.connection import connect_writer
from store_agent.storage.database import Database
from store_agent.storage.intake import Arrival, Intake
from store_agent.storage.migrate import migrate, steps
from store_agent.storage.outbox import _freeze, _Order, _settle
from store_agent.storage.writer import Handler, _each, _Unit, commit_together
from tests.costs.baskets import request
from tests.costs.counting import Work
from tests.support.hands import HandSetClock

TOGETHER = 32
"""Sales that share a commit when many lanes sell at once."""

BATCH = 10
FILLED_AT_ONCE = 100
RULES = CardRules(exempt(IDENTIFICATION))
IDENTITY = Identity("1234x", "retailer-1")


def read(body: bytes) -> Sale:
    """Read a sale as it is read at the door."""
    container = read_container(_screen(body, RULES).body, IDENTITY)
    return read_sale(container.payload, "request_payload.", user_known=container.user_known)


class Backlog:
    """A database in a file; each `take`, `freeze` and `settle` gives work that is ready to be done, and one commit.

    `first` is the number of the next sale: another one for each database that is a copy of this.
    """

    def __init__(self, path: Path, first: int = 0) -> None:
        self.path = path
        self.raw = connect_writer(path)
        self._number = first
        clock = HandSetClock()
        self._chance = random.Random(first)  # noqa: S311 - the same codes each time
        self._intake = Intake(cast("Database", None), clock, self._mint)  # it takes on the connection it is given
        self._now = int(clock.wall() * 1000)

    def make(self) -> None:
        """Make the tables."""
        migrate(self.raw, self.path, steps())

    def fill(self, sales: int) -> None:
        """Take so many sales, many in a commit."""
        for start in range(0, sales, FILLED_AT_ONCE):
            self.take(min(FILLED_AT_ONCE, sales - start))()

    def warm_up(self) -> None:
        """Do once what is counted later, and with it what Python does only once."""
        for work in (self.take(1), self.take(TOGETHER), self.freeze(), self.settle()):
            work()

    def take(self, sales: int) -> Work:
        """Take so many sales, each of a call of its own."""
        arrivals = [self._arrival() for _ in range(sales)]
        return partial(self._commit, self._intake._take, [[arrival] for arrival in arrivals])

    def freeze(self, batches: int = 1) -> Callable[[], list[Any]]:
        """Freeze requests of ten sales."""
        order = _Order(batches, BatchLimits(BATCH), self._assemble, Stretch())
        return partial(self._commit, _each, [partial(_freeze, order, self._now)])

    def settle(self) -> Work:
        """Settle ten sales, which are frozen now."""
        ((batch,),) = self.freeze()()
        return partial(self._commit, _each, [self._settling(batch)])

    def fold(self) -> None:
        """Let all that was written lie in the file itself."""
        self.raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _settling(self, batch: FrozenBatch) -> Callable[..., object]:
        return partial(_settle, batch, Deliver('{"status": "OK"}'), self._assemble, self._now)

    def _commit(self, handler: Handler, items: Iterable[Any]) -> list[Any]:
        results = commit_together([_Unit(handler, item) for item in items], self.raw)
        assert all(isinstance(result, list) for result in results), "what failed comes back as a value, too"
        return results

    def _arrival(self) -> Arrival:
        self._number += 1
        return Arrival("lane-1", read(request(f"T-{self._number:06d}")), "", alone=False, live=False, at="")

    def _assemble(self, members: Any) -> Any:
        return assemble(members, IDENTITY, "en-US", self._mint)

    def _mint(self) -> str:
        return str(uuid.UUID(int=self._chance.getrandbits(128), version=4))
