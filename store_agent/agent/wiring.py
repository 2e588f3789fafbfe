"""Makes the parts out of the configuration. Time and chance enter here."""

import random
from datetime import datetime

import structlog
from starlette.types import ASGIApp

from store_agent.agent.health import AgentHealth
from store_agent.agent.keys import key_path
from store_agent.agent.levels import level_of
from store_agent.agent.measuring import ObservedCounter, backup_seconds
from store_agent.agent.metrics import Metrics
from store_agent.agent.printing import make_look
from store_agent.agent.store import make_backups
from store_agent.agent.ways import mint
from store_agent.api.app import Neighbours, build_app
from store_agent.api.callers import Callers
from store_agent.api.door import OPEN_PATHS
from store_agent.api.hub import Hub
from store_agent.api.limits import Limits
from store_agent.api.reload import Reload
from store_agent.api.seams import Overview
from store_agent.api.spool import Spool
from store_agent.clock import Clock
from store_agent.cloud.sessionm.counter import Counter
from store_agent.cloud.sessionm.platform import SessionM
from store_agent.config.settings import Settings
from store_agent.domain.backoff import Backoff
from store_agent.domain.batch import BatchLimits
from store_agent.domain.card_data import CardRules
from store_agent.domain.card_names import IDENTIFICATION, exempt
from store_agent.domain.container import Identity
from store_agent.domain.events import Event, Tell
from store_agent.domain.link import LinkRules
from store_agent.domain.offline_offers import Caps
from store_agent.domain.space import Levels
from store_agent.drain.drain import Drain
from store_agent.drain.line import LineRules
from store_agent.errors import ConfigurationError, StorageFailure
from store_agent.gateway.gateway import Gateway, Rules
from store_agent.gateway.lookup import MemoryRules
from store_agent.gateway.offers import OfflineRules
from store_agent.gateway.seams import Memory
from store_agent.gateway.table import PREFIXES, ROUTES
from store_agent.storage import remembered
from store_agent.storage.ahead import Ahead
from store_agent.storage.attention import Attention
from store_agent.storage.catalog.file import open_catalog
from store_agent.storage.database import Database
from store_agent.storage.days import Days
from store_agent.storage.desk import Desk
from store_agent.storage.employees import open_employees
from store_agent.storage.exports import Exports
from store_agent.storage.incidents import Incidents
from store_agent.storage.intake import Intake
from store_agent.storage.key import read_key
from store_agent.storage.offers import Offers
from store_agent.storage.outbox import Outbox
from store_agent.storage.receipts import Receipts
from store_agent.storage.repair import Repair
from store_agent.storage.terminals import Terminals
from store_agent.storage.uploads import Uploads
from store_agent.storage.usage import Usage
from store_agent.sync.imports import Imports
from store_agent.sync.shelves import Shelves
from store_agent.sync.uploads import UploadRules
from store_agent.sync.uploads import Uploads as SyncUploads
from store_agent.upkeep.space import SpaceWatch

_log = structlog.get_logger("events")


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


async def open_memory(settings: Settings, clock: Clock) -> remembered.Remembered | remembered.Nothing:
    """Open what is remembered of guests; what is wrong with that must not keep the store from selling (G12)."""
    try:
        return await _open_memory(settings, clock)
    except (ConfigurationError, StorageFailure) as problem:
        words = f"Nothing is remembered of guests for when the line is down; sales go on. {problem}"
        _log.error("gateway.remembers_nothing", words=words, reason=str(problem))
        return remembered.Nothing(str(problem))


async def _open_memory(settings: Settings, clock: Clock) -> remembered.Remembered | remembered.Nothing:
    directory, gateway = settings.storage.directory, settings.gateway
    path = directory / remembered.FILE_NAME
    if gateway.remember == "off":
        remembered.forget_all(path)
        return remembered.Nothing()
    kept, own = key_path(settings)
    key = read_key(kept, make=own)
    bounds = remembered.Bounds(gateway.remember_hours * 3_600.0, gateway.remember_max)
    return await remembered.open_remembered(path, key, clock, bounds)


async def open_shelves(settings: Settings, clock: Clock) -> Shelves:
    """Open catalog and employees; they keep nobody from selling."""
    storage = settings.storage
    room = storage.free_min_bytes + storage.reserve_bytes
    catalog = await open_catalog(storage.directory, clock, free_min=room)
    return Shelves(catalog, await open_employees(storage.directory, clock, free_min=room))


def make_uploads(
    settings: Settings,
    shelves: Shelves,
    database: Database,
    drain: Drain,
    space: SpaceWatch,
    *,
    clock: Clock,
    tell: Tell,
) -> SyncUploads:
    """Make what keeps the platform in step."""
    rules = UploadRules(settings.catalog.upload, settings.catalog.upload_bytes_max)
    return SyncUploads(shelves, Uploads(database, clock), drain, space, rules=rules, tell=tell)


def make_gateway(
    settings: Settings,
    database: Database,
    *,
    platform: Counter,
    memory: Memory,
    drain: Drain,
    space: SpaceWatch,
    clock: Clock,
) -> Gateway:
    """Make what answers at the counter."""
    gateway = settings.gateway
    seconds = gateway.remember_hours * 3_600.0
    caps = Caps(gateway.offline_per_offer_max, gateway.offline_per_guest_day_max, gateway.offline_per_store_day_max)
    rules = Rules(
        deadline=gateway.deadline_seconds,
        repeat=gateway.repeat_seconds,
        memory=MemoryRules(gateway.offline_lookup == "allow_remembered", seconds),
        offline=OfflineRules(gateway.offline_offers == "allow_remembered", caps, seconds, _day),
    )
    return Gateway(
        platform,
        offers=Offers(database, clock),
        memory=memory,
        line=drain,
        room=space,
        clock=clock,
        rules=rules,
    )


def _day(wall: float) -> str:
    """Give the day by the store's own clock and time zone."""
    return datetime.fromtimestamp(wall).astimezone().date().isoformat()


def make_limits(settings: Settings) -> Limits:
    """Make the bounds of the local API."""
    api = settings.api
    return Limits(
        body_bytes_max=api.body_bytes_max,
        batch_body_bytes_max=api.batch_body_bytes_max,
        upload_body_bytes_max=settings.catalog.body_bytes_max,
        header_bytes_max=api.header_bytes_max,
        header_timeout=api.header_timeout_seconds,
        body_timeout=api.body_timeout_seconds,
        answer_timeout=api.answer_timeout_seconds,
        request_timeout=api.request_timeout_seconds,
        idle_timeout=api.idle_timeout_seconds,
        connections_max=api.connections_max,
        connections_per_caller_max=api.connections_per_caller_max,
        rate_per_second=api.rate_per_second,
        rate_burst=api.rate_burst,
    )


def make_card_rules(settings: Settings) -> CardRules:
    """Make what is done about card data. In strict mode only the fields that the store names are exempt."""
    strict = settings.card_data.mode == "strict"
    paths = settings.card_data.exempt if strict else (*settings.card_data.exempt, *IDENTIFICATION)
    return CardRules(exempt(paths), strict=strict)


def make_tell(hub: Hub) -> Tell:
    """Make events go to the log and to whoever listens."""

    def tell(event: Event) -> None:
        _log.log(level_of(event.name), event.name, words=event.words, **event.details)
        hub.publish(event)

    return tell


def make_neighbours(
    settings: Settings,
    database: Database,
    *,
    terminals: Terminals,
    drain: Drain,
    gateway: Gateway,
    shelves: Shelves,
    imports: Imports,
    spool: Spool,
    space: SpaceWatch,
    overview: Overview,
    reload: Reload,
    health: AgentHealth,
    metrics: Metrics,
    hub: Hub,
    tell: Tell,
    clock: Clock,
) -> Neighbours:
    """Make what the local API stands on."""
    minting = mint if settings.receipts.mode == "auto" else None
    return Neighbours(
        intake=Intake(database, clock, minting),
        counter=ObservedCounter(gateway, metrics.counter_answered),
        imports=imports,
        catalog=shelves.catalog,
        employees=shelves.employees,
        uploads=Uploads(database, clock),
        outbox=Outbox(database, clock),
        attention=Attention(database),
        receipts=Receipts(database),
        desk=Desk(database),
        ahead=Ahead(database, clock, minting),
        spool=spool,
        repair=Repair(database, clock),
        exports=Exports(database, clock),
        days=Days(database, clock),
        incidents=Incidents(database, clock),
        terminals=terminals,
        line=drain,
        space=space,
        overview=overview,
        reload=reload,
        health=health,
        metrics=metrics,
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
    """Return the names by which the local API may be called: those configured, and that of this machine's commands."""
    api = settings.api
    return (*api.allowed_hosts, api.host, f"[{api.host}]", *(["127.0.0.1", "[::1]"] if api.tls else []))


def make_app(settings: Settings, neighbours: Neighbours, callers: Callers) -> ASGIApp:
    """Make the local API."""
    return build_app(
        neighbours,
        callers,
        _identity(settings),
        receipt_url=settings.receipts.base_url,
        look=make_look(settings.receipts),
        allowed_hosts=allowed_hosts(settings),
        allowed_origins=settings.api.allowed_origins,
        limits=make_limits(settings),
        card_rules=make_card_rules(settings),
        relayed=PREFIXES,
        relayed_calls=ROUTES,
        open_paths=OPEN_PATHS | ({"/metrics"} if settings.metrics.open else set()),
        backup_every=backup_seconds(settings),
    )


def _identity(settings: Settings) -> Identity:
    return Identity(settings.store.store_id, settings.store.client_id)
