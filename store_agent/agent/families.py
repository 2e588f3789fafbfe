"""The status of the store as metrics: pure, from what `/v1/status` tells and what stands beside it."""

import platform
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from store_agent.domain.health import Verdict
from store_agent.domain.lifecycle import OPEN, State
from store_agent.domain.link import LinkState
from store_agent.domain.space import Room

PREFIX = "store_agent"

_SETTLED = (State.DELIVERED, State.SUPERSEDED, State.DISCARDED)
_STANDING = (*OPEN, State.PARKED)

_MAY_FALL = "Falls where an older backup is restored or a damaged database is salvaged."


@dataclass(frozen=True, slots=True)
class PrinterState:
    """A printer by its name in the configuration: how many jobs wait for it, and whether it is in trouble."""

    name: str
    waiting: int
    troubled: bool


@dataclass(frozen=True, slots=True)
class Beside:
    """What the status does not tell. Sizes are in bytes, times seconds since 1970, None where there is none.

    `now` is wall time, `backup_every` how many seconds apart backups are to be, `schema` the database's number.
    """

    store_id: str
    version: str
    schema: int
    encrypted: bool
    ready: bool
    verdict: Verdict
    now: float
    database_bytes: int
    journal_bytes: int
    catalog_as_of: float | None
    employees_as_of: float | None
    backup_every: float
    printers: tuple[PrinterState, ...]


def unreadable() -> list[Metric]:
    """Give what can be told of a store whose database cannot be read now."""
    return [_gauge("status_readable", "Whether the status could be read; without it nothing else of it is told.", 0)]


def families(status: Mapping[str, Any], beside: Beside) -> list[Metric]:
    """Give the status as metrics."""
    readable = _gauge("status_readable", "Whether the status could be read; without it nothing else of it is told.", 1)
    found = (*_agent(beside), *_link(status["link"], beside.now), *_queue(status["outbox"]), *_room(status["space"]))
    return [readable, *found, *_disk(beside), *_upkeep(status, beside), *_printers(beside.printers)]


def _agent(beside: Beside) -> Iterator[Metric]:
    build = GaugeMetricFamily(
        f"{PREFIX}_build_info", "What runs here, and for which store.", labels=("version", "schema", "store", "python")
    )
    build.add_metric((beside.version, str(beside.schema), beside.store_id, platform.python_version()), 1)
    yield build
    yield _gauge("ready", "Whether sales are stored and sent, as /readyz says.", beside.ready)
    yield _states("health", "The verdict of /v1/health, 1 for the one that holds.", "verdict", Verdict, beside.verdict)
    yield _gauge("database_encrypted", "Whether the database is encrypted at rest.", beside.encrypted)


def _link(link: Mapping[str, Any], now: float) -> Iterator[Metric]:
    words = "The line to the platform, 1 for the state that holds."
    yield _states("link_state", words, "state", LinkState, link["state"])
    yield _gauge("link_state_seconds", "How long the line has been in its state.", max(0.0, now - link["since"]))


def _queue(outbox: Mapping[str, Any]) -> Iterator[Metric]:
    standing = {state.value: outbox[state.value] for state in _STANDING}
    yield _gauges("revisions", "Sales and deferred calls that are not settled, by state.", "state", standing)
    calls = {state.value: outbox["calls"][state.value] for state in _STANDING}
    yield _gauges("deferred_calls", "Deferred calls among them, by state.", "state", calls)
    words = "Amount of what is not yet at the platform, in the store's currency."
    yield _gauge("waiting_amount", words, float(outbox["waiting_amount"]))
    words = "Age of the oldest sale or deferred call that is not yet at the platform; 0 if none waits."
    yield _gauge("oldest_waiting_seconds", words, outbox["oldest_waiting_seconds"] or 0.0)
    words = f"Sales and deferred calls ever accepted, by the database. {_MAY_FALL}"
    yield CounterMetricFamily(f"{PREFIX}_revisions_accepted", words, outbox["accepted"])
    words = f"Sales and deferred calls ever settled, by the database. {_MAY_FALL}"
    settled = CounterMetricFamily(f"{PREFIX}_revisions_settled", words, labels=("state",))
    for state in _SETTLED:
        settled.add_metric((state.value,), outbox[state.value])
    yield settled
    yield _gauge(
        "books_balanced", "Whether what was accepted is what is there and what was settled.", outbox["balanced"]
    )


def _room(space: Mapping[str, Any]) -> Iterator[Metric]:
    yield _gauge("disk_free_bytes", "Free on the disk for sales, beside the reserve.", space["free_bytes"])
    yield _gauge("disk_reserved_bytes", "Kept free for sending.", space["reserved_bytes"])
    yield _states("disk_room", "How much room there is, 1 for what holds.", "room", Room, space["room"])
    if space["sales_left"] is not None:
        yield _gauge("disk_sales_left", "Sales that still fit on the disk.", space["sales_left"])
    if space["seconds_left"] is not None:
        yield _gauge("disk_left_seconds", "How long the room lasts at the present rate.", space["seconds_left"])


def _disk(beside: Beside) -> Iterator[Metric]:
    yield _gauge("database_bytes", "Size of the database's file.", beside.database_bytes)
    yield _gauge("wal_bytes", "Size of the database's write-ahead log.", beside.journal_bytes)
    for name, as_of in (("catalog", beside.catalog_as_of), ("employees", beside.employees_as_of)):
        if as_of is not None:
            words = f"How long ago the {name} last came in."
            yield _gauge(f"{name}_age_seconds", words, max(0.0, beside.now - as_of))


def _upkeep(status: Mapping[str, Any], beside: Beside) -> Iterator[Metric]:
    failing = {name: bool(chore["problem"]) for name, chore in status["chores"].items()}
    yield _gauges("chore_failing", "Whether a regular task failed the last time.", "chore", failing)
    yield _gauge("incidents_open", "Damage that was mended and nobody has acknowledged.", len(status["incidents"]))
    yield _gauge("backup_interval_seconds", "How far apart backups are to be.", beside.backup_every)
    made_at, ahead = status["backup"]["made_at"], status["clock"]["ahead_seconds"]
    if made_at is not None:
        yield _gauge("backup_age_seconds", "Age of the newest backup.", max(0.0, beside.now - made_at))
    if ahead is not None:
        yield _gauge("clock_ahead_seconds", "How far the machine's clock is ahead of the platform's.", ahead)


def _printers(printers: Iterable[PrinterState]) -> Iterator[Metric]:
    known = tuple(printers)
    waiting = {one.name: one.waiting for one in known}
    yield _gauges("printer_jobs_waiting", "Receipts that wait for a printer.", "printer", waiting)
    troubled = {one.name: one.troubled for one in known}
    yield _gauges("printer_troubled", "Whether a printer did not print at its last try.", "printer", troubled)


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{PREFIX}_{name}", words, float(value))


def _gauges(name: str, words: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(f"{PREFIX}_{name}", words, labels=(label,))
    for key, value in values.items():
        family.add_metric((key,), float(value))
    return family


def _states(name: str, words: str, label: str, states: Iterable[str], held: str) -> Metric:
    """Give one series a state, so that a query can ask for each of them."""
    return _gauges(name, words, label, {str(state): state == held for state in states})
