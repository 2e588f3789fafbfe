"""Makes the parts out of the configuration. Time and chance enter here."""

import random
import secrets
import uuid
from functools import partial

from starlette.types import ASGIApp

from store_agent.agent.health import AgentHealth
from store_agent.api.app import Neighbours, build_app
from store_agent.api.callers import Callers
from store_agent.api.limits import Limits
from store_agent.clock import Clock
from store_agent.cloud.sessionm.platform import SessionM
from store_agent.cloud.transport import Timeouts, Transport
from store_agent.config.load import secret_of
from store_agent.config.settings import Settings
from store_agent.domain.backoff import Backoff
from store_agent.domain.batch import BatchLimits
from store_agent.domain.container import Identity
from store_agent.domain.link import LinkRules
from store_agent.drain.drain import Drain, DrainSettings
from store_agent.storage.database import Database
from store_agent.storage.intake import Intake
from store_agent.storage.outbox import Outbox
from store_agent.storage.terminals import Terminals

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


def make_drain(settings: Settings, outbox: Outbox, transport: Transport, clock: Clock) -> Drain:
    """Make the drain and the platform behind it. Raises ConfigurationError when the secret cannot be read."""
    platform = SessionM(
        transport,
        key=settings.cloud.key,
        secret=secret_of(settings.cloud),
        identity=_identity(settings),
        culture=settings.store.culture,
        clock=clock,
        mint=_mint,
    )
    drain = settings.drain
    rules = LinkRules(
        backoff=Backoff(drain.backoff_base_seconds, drain.backoff_cap_seconds),
        probe_interval=drain.probe_interval_seconds,
        throttle_cap=drain.throttle_cap_seconds,
    )
    limits = BatchLimits(drain.batch_max, drain.batch_bytes_max)
    return Drain(outbox, platform, clock, random.random, DrainSettings(drain.concurrency, limits, rules))


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


def make_app(
    settings: Settings,
    *,
    database: Database,
    outbox: Outbox,
    terminals: Terminals,
    drain: Drain,
    callers: Callers,
    clock: Clock,
) -> ASGIApp:
    """Make the local API."""
    receipts = settings.receipts
    intake = Intake(database, clock, _mint if receipts.mode == "auto" else None)
    health = AgentHealth(database.writer, drain)
    return build_app(
        Neighbours(intake, outbox, terminals, drain, health, clock),
        callers,
        _identity(settings),
        receipt_url=receipts.base_url,
        allowed_hosts=(*settings.api.allowed_hosts, settings.api.host, f"[{settings.api.host}]"),
        limits=make_limits(settings),
    )


def _identity(settings: Settings) -> Identity:
    return Identity(settings.store.store_id, settings.store.client_id)


def _mint() -> str:
    """Make a UUID4: 122 random bits, so that nobody can guess a receipt code."""
    return str(uuid.uuid4())
