"""What it costs to observe a sale on its way from the till to the platform, and to tell Prometheus.

The cost is processor time: of what a sale sets off at the door, in the drain and at the platform.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from benchmarks import table
from benchmarks.part import Ground, Part, at_most
from benchmarks.spread import Spread
from store_agent.agent.metrics import Metrics
from store_agent.clock import SystemClock
from store_agent.cloud.sessionm.observer import Call
from store_agent.domain.outcome import Delivered

SALE_SECONDS_MAX = 10e-6
"""What observing may add to a sale: a hundredth of the millisecond that its answer takes."""

SCRAPE_SECONDS_MAX = 0.01
"""What writing everything down may take beside the sales, every few seconds."""

ROUNDS = 9
_PATH = "/api/2.0/send_transaction"
_CALL = Call("send_transaction", "00000000-0000-4000-8000-000000000000", (1,))


def run(ground: Ground) -> Part:
    """Measure, print and judge."""
    metrics = Metrics(SystemClock())
    count = ground.pick(50_000, 2_000)
    sale = each(ground, count, lambda: _sell(metrics))
    scrape = each(ground, max(1, count // 500), lambda: asyncio.run(metrics.text()))
    rows = [["a sale on its whole way", *sale.shown(micro)], ["a scrape of all that", *scrape.shown(micro)]]
    table.show("What measuring costs", ["", "processor time", "rounds"], rows)
    return Part(
        {"sale_seconds": sale.as_json(), "scrape_seconds": scrape.as_json()},
        [
            at_most("observing a sale", sale, SALE_SECONDS_MAX, micro),
            at_most("writing the metrics down", scrape, SCRAPE_SECONDS_MAX, micro),
        ],
    )


def _sell(metrics: Metrics) -> None:
    metrics.sales_taken(_PATH, 1, 0.001)
    metrics.answered(200)
    metrics.request_made(1)
    metrics.call_ended(_CALL, Delivered(), 0.08)


def each(ground: Ground, count: int, work: Callable[[], Any]) -> Spread:
    """Give the seconds of processor time that one takes, by round."""
    return Spread.of([_round(count, work) for _ in range(ground.pick(ROUNDS, 3))])


def _round(count: int, work: Callable[[], Any]) -> float:
    begin = time.process_time()
    for _ in range(count):
        work()
    return (time.process_time() - begin) / count


def micro(seconds: float) -> str:
    return f"{seconds * 1e6:.1f} µs"
