"""Reads for the metrics what stands beside the status, and hears who answers at the counter."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import structlog
from prometheus_client.core import Metric

from store_agent import __version__
from store_agent.agent.families import Beside, PrinterState, families
from store_agent.api.app import Neighbours, status_of
from store_agent.api.health import vitals_of
from store_agent.api.seams import Counter
from store_agent.api.spool import Standing
from store_agent.config.settings import Settings
from store_agent.domain.counter import GiveBackAsked, LookupAsked, OfferAsked
from store_agent.domain.counter_answer import Answer, Done, NotDone, Passed, Queued
from store_agent.domain.health import judge
from store_agent.domain.relayed import RelayAsked
from store_agent.domain.roles import Role
from store_agent.storage.database import FILE_NAME
from store_agent.storage.history import Version
from store_agent.storage.locked import is_encrypted
from store_agent.storage.migrate import steps
from store_agent.storage.usage import journal_bytes

_log = structlog.get_logger("counter")

_ANSWERED: dict[type[Answer], str] = {Passed: "passed", Done: "done", Queued: "queued", NotDone: "not_done"}


class Measuring:
    """Reads everything that is not observed; costs the same however many sales wait."""

    def __init__(self, settings: Settings, neighbours: Neighbours) -> None:
        self._settings = settings
        self._neighbours = neighbours
        self._status = status_of(neighbours)
        self._schema = len(steps())
        self._encrypted: bool | None = None

    async def read(self) -> list[Metric]:
        """Read it. Raises Busy, StorageFailure or OSError."""
        on, every = self._neighbours, backup_seconds(self._settings)
        status, standings = await self._status.read(), await on.spool.standings()
        ready, now, directory = not on.health.problems(), on.clock.wall(), self._settings.storage.directory
        vitals = vitals_of(status, standings, stuck=not ready, now=now, backup_every=every)
        beside = Beside(
            store_id=self._settings.store.store_id,
            version=__version__,
            schema=self._schema,
            encrypted=await self._is_encrypted(),
            ready=ready,
            verdict=judge(vitals).verdict,
            now=now,
            database_bytes=_size(directory / FILE_NAME),
            journal_bytes=journal_bytes(directory),
            catalog_as_of=_as_of(on.catalog.current()),
            employees_as_of=_as_of(on.employees.current()),
            backup_every=every,
            printers=tuple(map(_printer, standings)),
        )
        return families(status, beside)

    async def _is_encrypted(self) -> bool:
        """Look once: whatever is configured, a database is converted only when it is opened."""
        if self._encrypted is None:
            self._encrypted = await asyncio.to_thread(is_encrypted, self._settings.storage.directory / FILE_NAME)
        return self._encrypted


class ObservedCounter:
    """A gateway whose answers are heard of: by call, and by who answered."""

    def __init__(self, gateway: Counter, hear: Callable[[str, str], None]) -> None:
        self._gateway = gateway
        self._hear = hear

    async def lookup(self, terminal: str, asked: LookupAsked) -> Answer:
        """Look a guest up."""
        return self._heard("lookup", await self._gateway.lookup(terminal, asked))

    async def apply(self, terminal: str, asked: OfferAsked) -> Answer:
        """Lock or redeem an offer."""
        return self._heard(asked.action.value, await self._gateway.apply(terminal, asked))

    async def give_back(self, terminal: str, asked: GiveBackAsked) -> Answer:
        """Unlock or reinstate an offer."""
        return self._heard(asked.call, await self._gateway.give_back(terminal, asked))

    async def relay(self, terminal: str, role: Role, asked: RelayAsked) -> Answer:
        """Make a call to one of the platform's other upstreams."""
        return self._heard("relayed", await self._gateway.relay(terminal, role, asked))

    def _heard(self, call: str, answer: Answer) -> Answer:
        kind = _ANSWERED[type(answer)]
        self._hear(call, kind)
        _log.debug(
            "counter.answered", words=f"A call at the counter was answered: {call}, {kind}.", call=call, answer=kind
        )
        return answer


def backup_seconds(settings: Settings) -> float:
    """Return how far apart backups are to be."""
    return settings.backup.every_hours * 3_600.0


def _printer(standing: Standing) -> PrinterState:
    return PrinterState(standing.printer.name, standing.waiting, bool(standing.trouble))


def _as_of(version: Version | None) -> float | None:
    return None if version is None else version.as_of / 1_000


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
