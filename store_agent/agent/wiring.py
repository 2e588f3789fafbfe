"""Makes the parts out of the configuration. Time and chance enter here."""

import random
import secrets
import uuid
from functools import partial

import structlog
from starlette.types import ASGIApp

from store_agent.agent.health import AgentHealth
from store_agent.api.app import Neighbours, build_app
from store_agent.api.callers import Callers
from store_agent.api.hub import Hub
from store_agent.api.limits import Limits
from store_agent.api.seams import Overview
from store_agent.clock import Clock
from store_agent.cloud.sessionm.platform import SessionM
from store_agent.cloud.transport import Timeouts, Transport
from store_agent.config.load import secret_of
from store_agent.config.settings import Settings
from store_agent.domain.backoff import Backoff
from store_agent.domain.batch import BatchLimits
from store_agent.domain.container import Identity
from store_agent.domain.events import Event, Tell
from store_agent.domain.link import LinkRules
from store_agent.domain.space import Levels
from store_agent.drain.drain import Drain
from store_agent.drain.line import LineRules
from store_agent.storage.backup import Backups
from store_agent.storage.database import Database
from store_agent.storage.days import Days
from store_agent.storage.incidents import Incidents
from store_agent.storage.intake import Intake
from store_agent.storage.outbox import Outbox
from store_agent.storage.repair import Repair
from store_agent.storage.terminals import Terminals
from store_agent.storage.usage import Usage
from store_agent.upkeep.space import SpaceWatch

_log = structlog.get_logger("events")

new_token = partial(secrets.token_urlsafe, 32)
"""A terminal's token: 256 bits."""


def make_terminals(database: Database, clock: Clock) -> Terminals:
    """Make the terminals of a database."""
    return Terminals(database, clock, new_token)


def make_transport(settings: Settings) -> Transport:
    """Make the way to the platform."""
    cloud = settings.cloud
    timeouts = Timeouts(
        connect=cloud.connect_timeout_seconds,
        write=cloud.write_timeout_seconds,
        read=cloud.read_timeout_seconds,
        whole=cloud.call_timeout_seconds,
    )
    return Transport(cloud.base_url, timeouts, connections_max=settings.drain.concurrency + 1)


def make_platform(settings: Settings, transport: Transport, clock: Clock) -> SessionM:
    """Make the platform's adapter. Raises ConfigurationError when the secret cannot be read."""
    return SessionM(
        transport,
        key=settings.cloud.key,
        secret=secret_of(settings.cloud),
        identity=_identity(settings),
        culture=settings.store.culture,
        clock=clock,
        mint=_mint,
    )


def make_drain(
    settings: Settings, outbox: Outbox, platform: SessionM, space: SpaceWatch, *, clock: Clock, tell: Tell
) -> Drain:
    """Make the drain."""
    drain = settings.drain
    backoff = Backoff(drain.backoff_base_seconds, drain.backoff_cap_seconds, drain.first_contact_spread_seconds)
    rules = LineRules(
        concurrency=drain.concurrency,
        burst_max=drain.refusals_in_a_row_max,
        limits=BatchLimits(drain.batch_max, drain.batch_bytes_max),
        link=LinkRules(backoff, drain.probe_interval_seconds, drain.throttle_cap_seconds),
    )
    return Drain(outbox, platform, clock, chance=random.random, rules=rules, tell=tell, cramped=lambda: space.full)


def make_limits(settings: Settings) -> Limits:
    """Make the bounds of the local API."""
    api = settings.api
    return Limits(
        body_bytes_max=api.body_bytes_max,
        batch_body_bytes_max=api.batch_body_bytes_max,
        header_timeout=api.header_timeout_seconds,
        body_timeout=api.body_timeout_seconds,
        idle_timeout=api.idle_timeout_seconds,
        connections_max=api.connections_max,
    )


def make_tell(hub: Hub) -> Tell:
    """Make events go to the log and to whoever listens."""

    def tell(event: Event) -> None:
        _log.info(event.name, words=event.words, **event.details)
        hub.publish(event)

    return tell


def make_neighbours(
    settings: Settings,
    database: Database,
    *,
    terminals: Terminals,
    drain: Drain,
    space: SpaceWatch,
    overview: Overview,
    health: AgentHealth,
    hub: Hub,
    tell: Tell,
    clock: Clock,
) -> Neighbours:
    """Make what the local API stands on."""
    return Neighbours(
        intake=Intake(database, clock, _mint if settings.receipts.mode == "auto" else None),
        outbox=Outbox(database, clock),
        repair=Repair(database, clock),
        days=Days(database, clock),
        incidents=Incidents(database, clock),
        terminals=terminals,
        line=drain,
        space=space,
        overview=overview,
        health=health,
        hub=hub,
        tell=tell,
        clock=clock,
    )


def make_space(settings: Settings, database: Database, clock: Clock, tell: Tell) -> SpaceWatch:
    """Make the watch over the room on the disk."""
    storage = settings.storage
    levels = Levels(storage.free_min_bytes, storage.free_warn_bytes, storage.reserve_bytes)
    return SpaceWatch(storage.directory, levels, Usage(database), make_backups(settings), clock=clock, tell=tell)


def allowed_hosts(settings: Settings) -> tuple[str, ...]:
    """Return the names by which the local API may be called."""
    return (*settings.api.allowed_hosts, settings.api.host, f"[{settings.api.host}]")


def make_backups(settings: Settings) -> Backups:
    """Make the backups of a store. Sales keep their room: below it, and the reserve, no backup is made."""
    storage = settings.storage
    return Backups(
        storage.directory,
        storage.directory / settings.backup.directory,
        keep=settings.backup.keep,
        free_min=storage.free_min_bytes + storage.reserve_bytes,
    )


def make_app(settings: Settings, neighbours: Neighbours, callers: Callers) -> ASGIApp:
    """Make the local API."""
    return build_app(
        neighbours,
        callers,
        _identity(settings),
        receipt_url=settings.receipts.base_url,
        allowed_hosts=allowed_hosts(settings),
        limits=make_limits(settings),
    )


def _identity(settings: Settings) -> Identity:
    return Identity(settings.store.store_id, settings.store.client_id)


def _mint() -> str:
    """Make a UUID4: 122 random bits, so that nobody can guess a receipt code."""
    return str(uuid.uuid4())
