"""How fast a backlog goes out once the line is back, against a bare HTTP client at the same concurrency.

The clock is the sandbox's: from the arrival of the first request to the arrival of the last, plus one round trip.
"""

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from benchmarks import table
from benchmarks.load import SALE_BYTES, fire
from benchmarks.part import Ground, Part, Verdict, at_least, at_most, told
from benchmarks.servers import (
    AGENT,
    agent,
    closed_port,
    free_port,
    processor_seconds,
    read_json,
    run_module,
    sandbox,
)
from benchmarks.spread import Spread
from store_agent.domain.batch import BATCH_MAX

LATENCIES_MS = (0, 20, 80)
CONCURRENCY = 4
RATIO_MIN = 0.97
BEYOND_SECONDS_MAX = 40e-6
SECONDS_MAX = 300.0
LOSSY_MS = 20
LOSSY_MIN = 0.5
LOST = "drop_after:probability=0.1"
"""The platform takes the request, and the connection breaks before its answer."""

_SOON = {"concurrency": CONCURRENCY, "backoff_base_seconds": 0.1, "backoff_cap_seconds": 0.2}
"""The line's return is noticed soon; noticing it is not what is measured."""


class Drained(NamedTuple):
    """Sales a second, and the seconds of processor time that each took."""

    rate: float
    work: float


@dataclass(frozen=True)
class _Taken:
    """What the rounds gave, by sender and latency."""

    rates: dict[tuple[str, int], Spread]
    work: dict[tuple[str, int], Spread]

    def ratio(self, ms: int) -> Spread:
        return self.rates["agent", ms] / self.rates["httpx", ms]

    def told(self, ms: int) -> Verdict:
        beside = f"bare httpx {table.rate(self.rates['httpx', ms].median)}"
        return told(f"drain, latency {ms} ms", self.rates["agent", ms], table.rate, beside)

    def beyond(self, ms: int) -> Spread:
        return self.work["agent", ms] - self.work["httpx", ms]


def run(ground: Ground) -> Part:
    """Measure, print and judge."""
    taken = _measure(ground)
    lossy, undisturbed = _measure_lossy(ground), taken.rates["agent", LOSSY_MS]
    ratios = {ms: taken.ratio(ms) for ms in LATENCIES_MS}
    _show(ground, taken.rates, ratios)
    _show_work(taken)
    _show_lossy(lossy, undisturbed)
    return Part(
        {
            "rates": {f"{name}, {ms} ms": spread.as_json() for (name, ms), spread in taken.rates.items()},
            "work": {f"{name}, {ms} ms": spread.as_json() for (name, ms), spread in taken.work.items()},
            "ratios": {ms: spread.as_json() for ms, spread in ratios.items()},
            "lossy": lossy.as_json(),
        },
        [
            *[taken.told(ms) for ms in LATENCIES_MS],
            *[
                at_least(f"drain / bare httpx, latency {ms} ms", ratios[ms], RATIO_MIN, table.ratio)
                for ms in LATENCIES_MS
                if ms
            ],
            at_most(
                f"processor time a sale beyond httpx, latency {LOSSY_MS} ms",
                taken.beyond(LOSSY_MS),
                BEYOND_SECONDS_MAX,
                table.microseconds,
            ),
            at_least(
                "drain with 10 % of replies lost / undisturbed",
                lossy / undisturbed,
                LOSSY_MIN,
                table.ratio,
            ),
        ],
    )


def _measure(ground: Ground) -> _Taken:
    found: dict[tuple[str, int], list[Drained]] = {(name, ms): [] for name in ("agent", "httpx") for ms in LATENCIES_MS}
    for number in range(ground.pick(5, 1)):
        for ms in LATENCIES_MS:
            path = ground.directory / f"drain-{number}-{ms}"
            measures = {
                "agent": partial(drained, path, ms, _sales(ground)),
                "httpx": partial(_post, ms, _sales(ground)),
            }
            for name in list(measures)[:: 1 if number % 2 == 0 else -1]:
                found[name, ms].append(measures[name]())
    return _Taken(
        {key: Spread.of([one.rate for one in values]) for key, values in found.items()},
        {key: Spread.of([one.work for one in values]) for key, values in found.items()},
    )


def _sales(ground: Ground) -> int:
    return ground.pick(4_000, 1_000)


def _measure_lossy(ground: Ground) -> Spread:
    paths = [ground.directory / f"drain-lossy-{number}" for number in range(ground.pick(5, 1))]
    return Spread.of([drained(path, LOSSY_MS, _sales(ground), LOST).rate for path in paths])


def _show_work(taken: _Taken) -> None:
    rows = []
    for ms in LATENCIES_MS:
        rows += [[f"{name}, {ms} ms", *taken.work[name, ms].shown(table.microseconds)] for name in ("agent", "httpx")]
        rows.append([f"agent - httpx, {ms} ms", *taken.beyond(ms).shown(table.microseconds)])
    note = "The agent's includes reading the queue, freezing, settling, the events, and whatever else it does."
    table.show("Drain: processor time of a sale", ("", "median", "min .. max of rounds"), rows, note)


def _show_lossy(lossy: Spread, undisturbed: Spread) -> None:
    rows = [["undisturbed", *undisturbed.shown(table.rate)], ["10 % of replies lost", *lossy.shown(table.rate)]]
    table.show(f"Drain at {LOSSY_MS} ms while replies get lost", ("", "median", "min .. max of rounds"), rows)


def drained(
    path: Path,
    latency_ms: int,
    sales: int,
    *faults: str,
    kind: Sequence[str] = AGENT,
    environment: Mapping[str, str] | None = None,
) -> Drained:
    """Fill an agent while the line is down, let the line return."""
    with ExitStack() as stack:
        with closed_port() as port:
            server = stack.enter_context(agent(path, port, kind=kind, environment=environment, drain=_SOON))
            fire(server, 32, sales)
        before = processor_seconds(server)
        url = stack.enter_context(sandbox(port, latency_ms, *faults))
        wait_for_sales(url, sales)
        return Drained(_rate(url, latency_ms), (processor_seconds(server) - before) / sales)


def _post(latency_ms: int, sales: int) -> Drained:
    with sandbox(free_port(), latency_ms) as url:
        said = run_module(["benchmarks.httpx_post", url, str(sales), str(CONCURRENCY)])
        return Drained(_rate(url, latency_ms), said["cpu_seconds"] / sales)


def wait_for_sales(url: str, sales: int) -> None:
    """Wait until so many sales have arrived at the sandbox. Raises TimeoutError after SECONDS_MAX."""
    begin = time.monotonic()
    while read_json(f"{url}/sandbox/account?totals=1")["totals"]["transactions_accepted"] < sales:
        if time.monotonic() - begin > SECONDS_MAX:
            raise TimeoutError(f"{sales} sales did not arrive within {SECONDS_MAX:g} seconds")
        time.sleep(0.1)


def _rate(url: str, latency_ms: int) -> float:
    account = read_json(f"{url}/sandbox/account")
    assert account["totals"]["doubled"] == account["totals"]["conflicts"] == 0
    arrived: list[float] = [request["first_at"] for request in account["requests"]]
    return int(account["totals"]["transactions_accepted"]) / (max(arrived) - min(arrived) + latency_ms / 1000)


def _show(ground: Ground, rates: dict[tuple[str, int], Spread], ratios: dict[int, Spread]) -> None:
    rows = []
    for ms in LATENCIES_MS:
        ideal = BATCH_MAX * CONCURRENCY / (ms / 1000) if ms else None
        for name in ("agent", "httpx"):
            spread = rates[name, ms]
            rows.append(
                [f"{name}, {ms} ms", *spread.shown(table.rate), f"{spread.median / ideal:.0%}" if ideal else "-"]
            )
        rows.append([f"agent / httpx, {ms} ms", *ratios[ms].shown(table.ratio), ""])
    title = f"Drain: sales a second out of a backlog of {_sales(ground):,} of {SALE_BYTES:,} bytes, by latency"
    note = (
        f"Share: of {BATCH_MAX} sales x {CONCURRENCY} requests / latency. "
        "The agent's first request tests the line alone, which costs it one round trip."
    )
    table.show(title, ("", "median", "min .. max of rounds", "share"), rows, note)
