"""The agent's own storage as one of the queues: `Intake` and `Outbox` on a real file, with all that they do."""

import asyncio
import time
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import uvloop

from benchmarks.fill import mint
from benchmarks.peer import TENS, Peer, Queue
from store_agent.clock import SystemClock
from store_agent.cloud.sessionm.wire import assemble
from store_agent.domain.batch import BatchLimits
from store_agent.domain.container import Identity
from store_agent.domain.settle import Deliver
from store_agent.storage.database import open_database
from store_agent.storage.intake import Arrival, Intake
from store_agent.storage.key import PLAIN, Keys
from store_agent.storage.outbox import Outbox

_ASSEMBLE = partial(assemble, identity=Identity("1", "c"), culture="en-US", mint=mint)
_LIMITS = BatchLimits(TENS)


class _Own:
    """Producers are tasks, as the agent's connections are."""

    def __init__(self, runner: asyncio.Runner, intake: Intake, outbox: Outbox) -> None:
        self._runner = runner
        self._intake = intake
        self._outbox = outbox

    def enqueue(self, producers: int, sales: Sequence[Arrival]) -> float:
        return self._timed(self._produce(producers, iter(sales)))

    def dequeue(self, count: int) -> float:
        return self._timed(self._consume(count))

    async def _produce(self, producers: int, todo: Iterator[Arrival]) -> None:
        async def lane() -> None:
            for arrival in todo:
                await self._intake.accept([arrival])

        await asyncio.gather(*(lane() for _ in range(producers)))

    async def _consume(self, count: int) -> None:
        left = count
        while left:
            (batch,) = await self._outbox.freeze(1, _LIMITS, _ASSEMBLE)
            await self._outbox.settle(batch, Deliver('{"status": "OK"}'), _ASSEMBLE)
            left -= len(batch.members)

    def _timed(self, work: Coroutine[Any, Any, None]) -> float:
        begin = time.perf_counter()
        self._runner.run(work)
        return time.perf_counter() - begin


@contextmanager
def _open(keys: Keys, directory: Path) -> Iterator[Queue]:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        clock, opened = SystemClock(), AsyncExitStack()
        database = runner.run(opened.enter_async_context(open_database(directory / "data", clock, keys=keys)))
        try:
            yield _Own(runner, Intake(database, clock, mint), Outbox(database, clock))
        finally:
            runner.run(opened.aclose())


def _peer(name: str, keys: Keys) -> Peer:
    guarantees = (
        "At least once, once in effect: a batch that was taken goes out again with the same bytes and request id.",
        "One state of a sale in flight, in order; repeats are told apart; receipt codes, sums and seals are kept.",
    )
    return Peer(
        name, "SQLite, a sync for each sale, shared by those that come together", guarantees, partial(_open, keys)
    )


OWN = _peer("store-agent", PLAIN)
ENCRYPTED = _peer("store-agent, encrypted", Keys("5a" * 32, ("5a" * 32,)))
