"""What is measured: a registry of the agent's own, observed where things happen, and told to Prometheus.

What the database knows (queue, totals) is read when somebody asks, by `families`, from what the status tells: there is
no second way to count, and totals survive a restart. Only what nobody keeps is counted here, in memory, from the start.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.core import Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector

from store_agent.agent.families import PREFIX, unreadable
from store_agent.clock import Clock
from store_agent.cloud.sessionm.observer import PROBE, Call, Observer
from store_agent.domain.outcome import (
    Delivered,
    Halted,
    Outcome,
    Pending,
    PlatformFailure,
    Refused,
    Throttled,
    TooLarge,
    Transport,
)
from store_agent.domain.relayed import is_relayed
from store_agent.errors import AgentError

ACK_SECONDS = (0.0005, 0.001, 0.0015, 0.002, 0.003, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Buckets around 1 ms, what an answer takes on a good disk; one beyond 5 s is a disk that hangs."""

ROUND_TRIP_SECONDS = (0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Buckets around 80 ms, what a platform in the cloud takes, up to the time after which a call is given up."""

BATCH_SALES = tuple(range(1, 11))
"""Every size that a request can have (G5)."""

STATUSES = (200, 400, 401, 403, 404, 429, 500, 503, 507)
"""Statuses that are told from the start, so that the first one counts as an increase; others come as they come."""

SALE_CALLS = ("send_transaction", "send_batch_transaction")
COUNTER_CALLS = ("lookup", "lock", "redeem", "unlock", "reinstate", "relayed")
COUNTER_ANSWERS = ("passed", "done", "queued", "not_done")
UPLOADS = ("upload_catalog", "upload_employees")
ENDPOINTS = frozenset((*SALE_CALLS, *COUNTER_CALLS, *UPLOADS, PROBE))

OUTCOMES: dict[type[Outcome], str] = {
    Delivered: "delivered",
    Transport: "transport",
    Throttled: "throttled",
    Halted: "halted",
    Pending: "pending",
    PlatformFailure: "platform_failure",
    TooLarge: "too_large",
    Refused: "refused",
}

Look = Callable[[], Awaitable[list[Metric]]]
"""Reads what is not observed. Raises AgentError or OSError."""


class Metrics(Observer):
    """Hears what happens, and writes it down with what `look` reads; safe to use from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._registry = CollectorRegistry()
        self._look: Look | None = None
        ProcessCollector(namespace=PREFIX, registry=self._registry)
        # Not the process's own: hardening may hide from it when the machine was booted, and an agent can start over.
        started = Gauge(f"{PREFIX}_start_time_seconds", "When the agent started, since 1970.", registry=self._registry)
        started.set(clock.wall())
        answers = self._counter("http_answers", "Answers of the local API by status of HTTP.", "status")
        self._faults = self._counter("faults", "Faults of the agent itself, while answering.")
        sales = self._counter("sales_taken", "Sales acknowledged since the start, repeated ones too.", "call")
        calls = self._counter("platform_calls", "Calls to the platform by what they came to.", "endpoint", "outcome")
        at_counter = self._counter("counter_calls", "Calls at the counter by who answered.", "call", "answer")
        ack = self._histogram(
            "ack_seconds", "From the last byte of a call with sales to its answer.", ACK_SECONDS, "call"
        )
        round_trip = self._histogram(
            "platform_round_trip_seconds", "How long calls to the platform took.", ROUND_TRIP_SECONDS, "endpoint"
        )
        self._batches = self._histogram("batch_sales", "Sales in each request that was made.", BATCH_SALES)
        # Finding a series by its labels takes longer than counting in it.
        self._answers, self._sales, self._calls = cache(answers.labels), cache(sales.labels), cache(calls.labels)
        self._at_counter, self._ack = cache(at_counter.labels), cache(ack.labels)
        self._round_trip = cache(round_trip.labels)
        self._begin_at_zero()

    def follow(self, look: Look) -> None:
        """Read by this what is not observed."""
        self._look = look

    def sales_taken(self, path: str, sales: int, seconds: float) -> None:
        """Hear of a call whose sales were taken, and how long its answer took."""
        call = path.rpartition("/")[2]
        self._sales(call).inc(sales)
        self._ack(call).observe(seconds)

    def answered(self, status: int) -> None:
        """Hear of an answer by its status of HTTP."""
        self._answers(status).inc()

    def failed(self) -> None:
        """Hear of a request at which the agent itself failed."""
        self._faults.inc()

    def counter_answered(self, call: str, answer: str) -> None:
        """Hear who answered a call at the counter."""
        self._at_counter(call, answer).inc()

    def request_made(self, sales: int) -> None:
        """Hear that a request was made of so many sales."""
        self._batches.observe(sales)

    def call_ended(self, call: Call, outcome: Outcome, seconds: float) -> None:
        """Hear what a call came to."""
        known = known_endpoint(call.endpoint)
        self._calls(known, OUTCOMES[type(outcome)]).inc()
        self._round_trip(known).observe(seconds)

    async def expose(self, accept: str) -> tuple[bytes, str]:
        """Write everything down, with its media type: as text, or as OpenMetrics for whoever accepts that.

        On a thread: it takes a few milliseconds, and no sale should wait for them.
        """
        return await asyncio.to_thread(_write, _Scrape(self._registry, await self._read()), accept)

    async def text(self) -> bytes:
        """Write everything down as text."""
        return (await self.expose(""))[0]

    async def _read(self) -> list[Metric]:
        """Read what is not observed. A database that cannot be read must not hide all the rest."""
        if self._look is None:
            return unreadable()
        try:
            return await self._look()
        except (AgentError, OSError):
            return unreadable()

    def _counter(self, name: str, words: str, *labels: str) -> Counter:
        return Counter(f"{PREFIX}_{name}", words, labels, registry=self._registry)

    def _histogram(self, name: str, words: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(f"{PREFIX}_{name}", words, labels, buckets=buckets, registry=self._registry)

    def _begin_at_zero(self) -> None:
        """Make the series that matter before their first event, since Prometheus sees no increase in a first value."""
        for status in STATUSES:
            self._answers(status)
        for call in SALE_CALLS:
            self._sales(call)
            self._ack(call)
            self._round_trip(call)
            for outcome in OUTCOMES.values():
                self._calls(call, outcome)
        for call in COUNTER_CALLS:
            for answer in COUNTER_ANSWERS:
                self._at_counter(call, answer)


class _Scrape(Collector):
    """What one scrape tells: what was observed, and what was read for it."""

    def __init__(self, registry: CollectorRegistry, read: list[Metric]) -> None:
        self._registry = registry
        self._read = read

    def collect(self) -> Iterable[Metric]:
        """Give all of it."""
        # Whether and when a series was made is of no use to anybody here, and half as much again to read.
        for metric in self._registry.collect():
            metric.samples = [sample for sample in metric.samples if not sample.name.endswith("_created")]
            yield metric
        yield from self._read


def known_endpoint(endpoint: str) -> str:
    """Name an endpoint as it is measured: paths of relayed calls hold ids, and count as one."""
    return "relayed" if is_relayed(endpoint) or endpoint not in ENDPOINTS else endpoint


def _write(scrape: _Scrape, accept: str) -> tuple[bytes, str]:
    if "application/openmetrics-text" in accept:
        content: bytes = openmetrics.generate_latest(scrape, version="1.0.0")  # type: ignore[no-untyped-call]
        return content, openmetrics.CONTENT_TYPE_LATEST
    return generate_latest(scrape), CONTENT_TYPE_PLAIN_0_0_4
