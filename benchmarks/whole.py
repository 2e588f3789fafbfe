"""What a sale costs from the till to the platform, and whether whoever listens to the events makes it dearer.

While the line is up: eight lanes sell, and every sale goes out at once. The processor time is the agent's own, for
taking, storing, freezing, sending and settling a sale, with everything on.
"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import ExitStack, aclosing, contextmanager, suppress
from pathlib import Path

from benchmarks import table
from benchmarks.drain import wait_for_sales
from benchmarks.ingest import NO_STORE
from benchmarks.load import fire
from benchmarks.part import Ground, Part, at_least, told
from benchmarks.servers import Served, agent, closed_port, free_port, processor_seconds, sandbox
from benchmarks.spread import Spread
from store_agent.local.address import Address
from store_agent.local.agent import LocalAgent
from store_agent.local.credentials import ControlToken
from store_agent.local.events import listen

LANES = 8
LATENCY_MS = 20
LISTENERS = 10
KEPT_MIN = 0.9
"""What selling keeps of its rate while that many listen."""

LISTENING_SECONDS_MAX = 30.0
"""Until all of them hear the agent."""

_FIGURES = ("work", "rate", "heard", "bare")


def run(ground: Ground) -> Part:
    """Measure, print and judge."""
    found: dict[str, list[float]] = {name: [] for name in _FIGURES}
    with ExitStack() as stack:
        port = stack.enter_context(closed_port())
        bare = stack.enter_context(agent(ground.directory / "whole-bare", port, kind=NO_STORE))
        for number in range(ground.pick(5, 1)):
            _round(ground, ground.directory / f"whole-{number}", bare, found)
    spreads = {name: Spread.of(values) for name, values in found.items()}
    kept = spreads["heard"] / spreads["rate"]
    _show(spreads, kept)
    beside = f"taken and not stored {table.microseconds(spreads['bare'].median)}"
    return Part(
        {name: spread.as_json() for name, spread in spreads.items()} | {"heard / unheard": kept.as_json()},
        [
            told("processor time of a sale, till to platform", spreads["work"], table.microseconds, beside),
            at_least(f"online, {LANES} lanes, {LISTENERS} listen to the events / none", kept, KEPT_MIN, table.ratio),
        ],
    )


def _round(ground: Ground, path: Path, bare: Served, found: dict[str, list[float]]) -> None:
    count = ground.pick(2_000, 300)
    with ExitStack() as stack:
        port = free_port()
        url = stack.enter_context(sandbox(port, LATENCY_MS))
        server = stack.enter_context(agent(path, port))
        warm = ground.pick(300, 50)
        fire(server, LANES, warm)
        wait_for_sales(url, warm)
        before = processor_seconds(server)
        found["rate"].append(fire(server, LANES, count).rate)
        wait_for_sales(url, warm + count)
        found["work"].append((processor_seconds(server) - before) / count)
        with _listeners(server, path / "data"):
            found["heard"].append(fire(server, LANES, count).rate)
    before = processor_seconds(bare)
    fire(bare, LANES, count)
    found["bare"].append((processor_seconds(bare) - before) / count)


@contextmanager
def _listeners(server: Served, data: Path) -> Iterator[None]:
    """Let some listen to what happens, as screens and plugins do, from another thread."""
    loop = asyncio.new_event_loop()
    begun = threading.Barrier(2)
    thread = threading.Thread(target=loop.run_until_complete, args=(_listen_all(server, data, begun),))
    thread.start()
    try:
        begun.wait(LISTENING_SECONDS_MAX)
        yield
    finally:
        loop.call_soon_threadsafe(lambda: [task.cancel() for task in asyncio.all_tasks(loop)])
        thread.join()
        loop.close()


async def _listen_all(server: Served, data: Path, begun: threading.Barrier) -> None:
    address = Address(f"http://127.0.0.1:{server.port}")
    agents = [LocalAgent(address, ControlToken(data)) for _ in range(LISTENERS)]
    with suppress(asyncio.CancelledError):
        async with asyncio.TaskGroup() as tasks:
            heard = [asyncio.Event() for _ in agents]
            for one, first in zip(agents, heard, strict=True):
                tasks.create_task(_listen(one, first))
            for first in heard:
                await first.wait()
            begun.wait(LISTENING_SECONDS_MAX)
    for one in agents:
        await one.close()


async def _listen(one: LocalAgent, first: asyncio.Event) -> None:
    async with aclosing(listen(one)) as events:
        async for _ in events:
            first.set()


def _show(spreads: dict[str, Spread], kept: Spread) -> None:
    rows = [
        ["processor time a sale, till to platform", *spreads["work"].shown(table.microseconds)],
        ["the same server without storing and sending", *spreads["bare"].shown(table.microseconds)],
        ["sales a second", *spreads["rate"].shown(table.rate)],
        [f"sales a second while {LISTENERS} listen", *spreads["heard"].shown(table.rate)],
        ["heard / unheard", *kept.shown(table.ratio)],
    ]
    title = f"Online: {LANES} lanes sell, platform at {LATENCY_MS} ms, every sale goes out at once"
    table.show(title, ("", "median", "min .. max of rounds"), rows)
